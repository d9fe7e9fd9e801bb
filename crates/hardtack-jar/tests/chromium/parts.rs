//! Splits a line into its parts, and joins the parts again.

/// The maximum size of an attribute's value in bytes. Longer attributes are ignored.
const MAX_ATTRIBUTE_BYTES: usize = 1024;

pub(crate) struct Parts {
    pub(crate) pair: Vec<u8>,
    /// The attributes in their order. Names are in lower case, and values are trimmed.
    pub(crate) attributes: Vec<(String, Vec<u8>)>,
}

impl Parts {
    pub(crate) fn of(line: &[u8]) -> Self {
        let mut parts = line.split(|&byte| byte == b';');
        let pair = parts.next().unwrap_or_default().to_vec();
        let attributes = parts.map(|part| {
            let at = part.iter().position(|&byte| byte == b'=').unwrap_or(part.len());
            let name = String::from_utf8_lossy(trim(&part[..at])).to_ascii_lowercase();
            (name, trim(part.get(at + 1..).unwrap_or_default()).to_vec())
        });
        Self {
            pair,
            attributes: attributes.filter(|(_, value)| value.len() <= MAX_ATTRIBUTE_BYTES).collect(),
        }
    }

    pub(crate) fn name(&self) -> &[u8] {
        let equals = self.pair.iter().position(|&byte| byte == b'=');
        trim(&self.pair[..equals.unwrap_or(0)])
    }

    pub(crate) fn value(&self) -> &[u8] {
        let equals = self.pair.iter().position(|&byte| byte == b'=');
        trim(&self.pair[equals.map_or(0, |at| at + 1)..])
    }

    /// Returns the value of the last attribute with this name, which is the one that a browser uses.
    pub(crate) fn last(&self, name: &str) -> Option<&[u8]> {
        self.attributes.iter().rev().find(|(other, _)| other == name).map(|(_, value)| value.as_slice())
    }

    /// Replaces all attributes with this name with a single one.
    pub(crate) fn put(&mut self, name: &str, value: impl Into<Vec<u8>>) {
        self.attributes.retain(|(other, _)| other != name);
        self.attributes.push((name.to_owned(), value.into()));
    }

    pub(crate) fn line(&self) -> Vec<u8> {
        let mut line = self.pair.clone();
        for (name, value) in &self.attributes {
            line.extend([b"; ", name.as_bytes(), b"=", value].concat());
        }
        line
    }
}

fn trim(text: &[u8]) -> &[u8] {
    let inside = |byte: &u8| !matches!(byte, b' ' | b'\t');
    let start = text.iter().position(inside).unwrap_or(text.len());
    let end = text.iter().rposition(inside).map_or(start, |last| last + 1);
    &text[start..end]
}
