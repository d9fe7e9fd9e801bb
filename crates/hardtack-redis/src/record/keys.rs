use hardtack_core::base64;
use hardtack_core::protocol::{Owner, Purpose, StoreKey};

/// The names of the keys in Redis.
#[derive(Debug)]
pub(crate) struct Keys {
    prefix: String,
    record: Vec<u8>,
    owner: Vec<u8>,
}

/// A purpose and an owner, encoded as in a record: the length of the purpose in one byte, the purpose, and the owner's
/// name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OwnerKey(Vec<u8>);

impl Keys {
    pub(crate) fn new(prefix: &str) -> Self {
        Self {
            prefix: prefix.to_owned(),
            record: format!("{prefix}s:").into_bytes(),
            owner: format!("{prefix}o:").into_bytes(),
        }
    }

    /// Returns the prefix of all keys.
    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Returns the name of the key that stores the format number.
    pub(crate) fn format_mark(&self) -> Vec<u8> {
        format!("{}form", self.prefix).into_bytes()
    }

    /// Returns the name of the key that stores a record.
    pub(crate) fn record(&self, key: &StoreKey) -> Vec<u8> {
        [&self.record[..], base64::encode_id(key.as_bytes()).as_bytes()].concat()
    }

    /// Returns the name of the key that stores an owner's index.
    pub(crate) fn owner_index(&self, owner_key: &OwnerKey) -> Vec<u8> {
        let length = owner_key.purpose().len().to_string();
        [&self.owner[..], length.as_bytes(), b":", owner_key.purpose(), b":", owner_key.owner()].concat()
    }

    /// Returns the store key in the name of a record, or `None` if the name is not that of a record.
    pub(crate) fn store_key(&self, record: &[u8]) -> Option<StoreKey> {
        let text = record.strip_prefix(&self.record[..])?;
        base64::decode_id(text).map(StoreKey::from_bytes)
    }

    /// Returns the `SCAN` pattern that matches the names of all records. Special characters in the prefix are escaped.
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

impl OwnerKey {
    pub(crate) fn new(purpose: &Purpose, owner: &Owner) -> Self {
        let purpose = purpose.as_str().as_bytes();
        Self([&[purpose.len() as u8], purpose, owner.as_str().as_bytes()].concat())
    }

    /// Parses an owner key that a script returned, or returns `None` if the key is malformed.
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
    fn a_records_name_yields_its_key_and_other_names_none() {
        let (keys, key) = (Keys::new("shop:"), StoreKey::from_bytes([7; 32]));
        let record = keys.record(&key);
        assert_eq!(keys.store_key(&record), Some(key));
        assert_eq!(Keys::new("other:").store_key(&record), None);
        assert_eq!(keys.store_key(b"shop:s:short"), None);
        assert_eq!(keys.format_mark(), b"shop:form");
    }

    #[test]
    fn a30_an_owners_entries_are_separate_for_each_purpose() {
        let of = |purpose, owner| {
            Keys::new("shop:")
                .owner_index(&OwnerKey::new(&Purpose::new(purpose).unwrap(), &Owner::new(owner)))
        };
        assert_eq!(of("session", "ada"), b"shop:o:7:session:ada");
        assert_ne!(of("a", "b:c"), of("a:b", "c"));
        assert_ne!(of("a", "bc"), of("ab", "c"));
        let owner_key = OwnerKey::new(&Purpose::default(), &Owner::new("ada"));
        assert_eq!(OwnerKey::read(owner_key.as_bytes()), Some(owner_key));
        assert_eq!((OwnerKey::read(b""), OwnerKey::read(b"\x05ada")), (None, None));
    }

    #[test]
    fn a_prefix_is_not_a_pattern() {
        assert_eq!(Keys::new(r"a*[b]?\").pattern(), br"a\*\[b\]\?\\s:*");
    }
}
