use hardtack_core::base64;
use hardtack_core::session::{Owner, StoreKey};

/// What the keys in Redis are called.
#[derive(Debug)]
pub(crate) struct Keys {
    record: Vec<u8>,
    owner: Vec<u8>,
}

impl Keys {
    pub(crate) fn new(prefix: &str) -> Self {
        Self { record: format!("{prefix}s:").into_bytes(), owner: format!("{prefix}o:").into_bytes() }
    }

    /// Where a record lies.
    pub(crate) fn record(&self, key: &StoreKey) -> Vec<u8> {
        [&self.record[..], base64::encode_id(key.as_bytes()).as_bytes()].concat()
    }

    /// Where the entries of an owner lie.
    pub(crate) fn owner(&self, owner: &str) -> Vec<u8> {
        [&self.owner[..], owner.as_bytes()].concat()
    }

    pub(crate) fn of(&self, owner: &Owner) -> Vec<u8> {
        self.owner(owner.as_str())
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
        assert_eq!(keys.of(&Owner::new("ada")), b"shop:o:ada");
    }

    #[test]
    fn a_prefix_is_no_pattern() {
        assert_eq!(Keys::new(r"a*[b]?\").pattern(), br"a\*\[b\]\?\\s:*");
    }
}
