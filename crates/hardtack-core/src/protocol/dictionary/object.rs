use crate::value::{Python, Reader, plain_end, skip_space, string_end, value_end};

/// The location of a member in the text, as byte offsets. 32 bits keep the index small.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    /// The key, without its quotes.
    pub(super) key: (u32, u32),
    pub(super) value: (u32, u32),
    /// The index in `plain_keys`, or `AS_WRITTEN`.
    pub(super) plain_key: u32,
}

pub(super) const AS_WRITTEN: u32 = u32::MAX;

impl Entry {
    #[inline]
    pub(super) fn key<'a>(&self, text: &'a str, plain_keys: &'a [Box<str>]) -> &'a str {
        match plain_keys.get(self.plain_key as usize) {
            Some(key) => key,
            None => slice(text, self.key),
        }
    }

    /// Returns the bytes of the key. They sort in the same order as its characters.
    #[inline]
    pub(super) fn key_bytes<'a>(&self, text: &'a str, plain_keys: &'a [Box<str>]) -> &'a [u8] {
        match plain_keys.get(self.plain_key as usize) {
            Some(key) => key.as_bytes(),
            None => &text.as_bytes()[self.key.0 as usize..self.key.1 as usize],
        }
    }
}

#[inline]
pub(super) fn slice(text: &str, (start, end): (u32, u32)) -> &str {
    &text[start as usize..end as usize]
}

/// Converts offsets into text of at most 4 GiB. The caller checks the length, before or after the conversion.
pub(super) fn span(start: usize, end: usize) -> (u32, u32) {
    (start as u32, end as u32)
}

/// The members of a JSON object, in the order in which they are written.
pub(super) struct Object {
    pub(super) entries: Vec<Entry>,
    pub(super) plain_keys: Vec<Box<str>>,
    /// Whether each key sorts after the one before it.
    pub(super) sorted: bool,
    /// Whether only commas and colons separate the strings and values.
    pub(super) compact: bool,
}

impl Object {
    pub(super) fn new() -> Self {
        Self { entries: Vec::new(), plain_keys: Vec::new(), sorted: true, compact: true }
    }

    /// Scans the object whose `{` is at the offset `brace`, and returns the offset of its end. Returns `None` if the
    /// text there is not an object.
    pub(super) fn scan(&mut self, text: &str, brace: usize) -> Option<usize> {
        let bytes = text.as_bytes();
        let mut at = brace + 1;
        let first = skip_space(bytes, at);
        if *bytes.get(first)? == b'}' {
            return Some(first + 1);
        }
        self.entries = Vec::with_capacity(8);
        let mut spaces = 0;
        loop {
            let open = find(bytes, at, b'"')?;
            let mut close = plain_end(bytes, open + 1);
            let plain = *bytes.get(close)? == b'"';
            if !plain {
                close = string_end(bytes, close)?;
            }
            let colon = find(bytes, close + 1, b':')?;
            let start = skip_space(bytes, colon + 1);
            let end = value_end(bytes, start)?;
            let next = skip_space(bytes, end);
            spaces += (open - at) + (start - close - 2) + (next - end);
            let mut entry =
                Entry { key: span(open + 1, close), value: span(start, end), plain_key: AS_WRITTEN };
            if !plain {
                entry.plain_key = self.plain_keys.len() as u32;
                self.plain_keys.push(Reader::new(&text[open..=close]).string().ok()?.into());
            }
            if let Some(last) = self.entries.last() {
                self.sorted &= if self.plain_keys.is_empty() {
                    precedes(bytes, last.key.0 as usize, open + 1)
                } else {
                    last.key_bytes(text, &self.plain_keys) < entry.key_bytes(text, &self.plain_keys)
                };
            }
            self.entries.push(entry);
            at = next + 1;
            match *bytes.get(next)? {
                b',' => {}
                b'}' => break,
                _ => return None,
            }
        }
        self.compact = spaces == 0;
        Some(at)
    }

    /// Sorts by key, and keeps only the last of several members with the same key. Returns whether the values of the
    /// removed members can be JSON.
    pub(super) fn sort(&mut self, text: &str) -> bool {
        let plain_keys = &self.plain_keys;
        self.entries.reverse();
        self.entries.sort_by(|a, b| a.key_bytes(text, plain_keys).cmp(b.key_bytes(text, plain_keys)));
        let mut may_be_json = true;
        self.entries.dedup_by(|again, last| {
            let is_equal = again.key(text, plain_keys) == last.key(text, plain_keys);
            may_be_json &= !is_equal || Python::may_be_json(slice(text, again.value));
            is_equal
        });
        may_be_json
    }
}

/// Returns the position of `byte` if it is the next byte after optional white space.
#[inline]
fn find(bytes: &[u8], at: usize, byte: u8) -> Option<usize> {
    if *bytes.get(at)? == byte {
        return Some(at);
    }
    let at = skip_space(bytes, at);
    (*bytes.get(at)? == byte).then_some(at)
}

/// Returns whether one key sorts before another, given their offsets in the text. Both keys must end with a quote and
/// contain no escapes. Neighboring keys usually differ in the first few bytes, so a loop is faster than a call to
/// `memcmp`.
#[inline]
fn precedes(bytes: &[u8], mut a: usize, mut b: usize) -> bool {
    loop {
        match (bytes.get(a), bytes.get(b)) {
            (_, Some(b'"') | None) => return false,
            (Some(b'"') | None, _) => return true,
            (Some(x), Some(y)) if x != y => return x < y,
            _ => (a, b) = (a + 1, b + 1),
        }
    }
}
