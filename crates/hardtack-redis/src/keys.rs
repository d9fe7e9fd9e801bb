use hardtack_core::base64;
use hardtack_core::session::{Owner, Purpose, StoreKey};

/// What the keys in Redis are called.
#[derive(Debug)]
pub(crate) struct Keys {
    prefix: String,
    record: Vec<u8>,
    owner: Vec<u8>,
}

/// An owner and a purpose as they are found side by side in a record: the length of the purpose in one byte, the purpose,
/// and the owner's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Holder(Vec<u8>);

impl Keys {
    pub(crate) fn new(prefix: &str) -> Self {
        Self {
            prefix: prefix.to_owned(),
            record: format!("{prefix}s:").into_bytes(),
            owner: format!("{prefix}o:").into_bytes(),
        }
    }

    /// What all of them begin with.
    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Where the number of the records' form is stored.
    pub(crate) fn form(&self) -> Vec<u8> {
        format!("{}form", self.prefix).into_bytes()
    }

    /// Where a record lies.
    pub(crate) fn record(&self, key: &StoreKey) -> Vec<u8> {
        [&self.record[..], base64::encode_id(key.as_bytes()).as_bytes()].concat()
    }

    /// Where the entries of an owner lie.
    pub(crate) fn of(&self, holder: &Holder) -> Vec<u8> {
        let length = holder.purpose().len().to_string();
        [&self.owner[..], length.as_bytes(), b":", holder.purpose(), b":", holder.owner()].concat()
    }

    /// The key of the record that lies there; `None` if it is someone else's.
    pub(crate) fn store_key(&self, record: &[u8]) -> Option<StoreKey> {
        let text = record.strip_prefix(&self.record[..])?;
        base64::decode_id(text).map(StoreKey::from_bytes)
    }

    /// What Redis' `SCAN` finds all records by, the prefix taken literally.
    pub(crate) fn pattern(&self) -> Vec<u8> {
        let mut pattern = Vec::with_capacity(self.record.len() + 8);
        for byte in &self.record {
            if matches!(byte, b'*' | b'?' | b'[' | b']' | b'\\') {
                pattern.push(b'\\');
            }
            pattern.push(*byte);
        }
        pattern.push(b'*');
        pattern
    }
}

impl Holder {
    pub(crate) fn new(purpose: &Purpose, owner: &Owner) -> Self {
        let purpose = purpose.as_str().as_bytes();
        Self([&[purpose.len() as u8], purpose, owner.as_str().as_bytes()].concat())
    }

    /// What a script has told; `None` if that is something else.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let (length, rest) = bytes.split_first()?;
        (usize::from(*length) <= rest.len()).then(|| Self(bytes.to_vec()))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn purpose(&self) -> &[u8] {
        &self.0[1..=usize::from(self.0[0])]
    }

    fn owner(&self) -> &[u8] {
        &self.0[1 + usize::from(self.0[0])..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_records_key_comes_back_and_a_strangers_does_not() {
        let (keys, key) = (Keys::new("shop:"), StoreKey::from_bytes([7; 32]));
        let record = keys.record(&key);
        assert_eq!(keys.store_key(&record), Some(key));
        assert_eq!(Keys::new("other:").store_key(&record), None);
        assert_eq!(keys.store_key(b"shop:s:short"), None);
        assert_eq!(keys.form(), b"shop:form");
    }

    #[test]
    fn a30_an_owners_entries_lie_apart_for_each_purpose() {
        let of = |purpose, owner| {
            Keys::new("shop:").of(&Holder::new(&Purpose::new(purpose).unwrap(), &Owner::new(owner)))
        };
        assert_eq!(of("session", "ada"), b"shop:o:7:session:ada");
        assert_ne!(of("a", "b:c"), of("a:b", "c"));
        assert_ne!(of("a", "bc"), of("ab", "c"));
        let holder = Holder::new(&Purpose::default(), &Owner::new("ada"));
        assert_eq!(Holder::read(holder.as_bytes()), Some(holder));
        assert_eq!((Holder::read(b""), Holder::read(b"\x05ada")), (None, None));
    }

    #[test]
    fn a_prefix_is_no_pattern() {
        assert_eq!(Keys::new(r"a*[b]?\").pattern(), br"a\*\[b\]\?\\s:*");
    }
}
