use std::sync::Arc;
use std::time::SystemTime;

use hardtack_core::protocol::{ContentKind, Lineage, Login, Owner, Purpose, Record, StoreKey};
use hardtack_core::store::{Listed, StoreError, Stored, Summary, Version, from_millis, millis};

use crate::record::keys::OwnerKey;

/// The size of the fixed part of an encoded record.
///
/// A record is stored as one string, so that reading it is a single `GET`. All numbers are big-endian and have a fixed
/// position, so that scripts can compare them without decoding the record:
///
/// | bytes | what |
/// |---|---|
/// | 0 | the format number, 2 |
/// | 1..9 | version |
/// | 9..17 | the earliest time at which Redis may remove the record: milliseconds since 1970, signed, like all times |
/// | 17..25, 25..33 | last seen, expires at |
/// | 33..41, 41..49 | created at, deadline |
/// | 49..57 | ticket: identifies the entry of this record in its owner's index |
/// | 57..61 | the owner's length plus 1, or 0 if there is no owner |
/// | 61..65 | the label's length plus 1, or 0 if there is no label |
/// | 65..81 | the lineage, or zeros if there is no owner |
/// | 81 | the purpose's length |
/// | 82.. | purpose, owner, label, data |
///
/// `script.rs` relies on this layout. Format 1 had neither a purpose nor a lineage.
pub(crate) const HEAD: usize = 82;

/// The number of the record format.
pub(crate) const FORMAT: u8 = 2;
const VERSION: usize = 1;
const TIMES: usize = 17;
const TICKET: usize = 49;
const LENGTHS: usize = 57;
const LINEAGE: usize = 65;
const PURPOSE: usize = 81;

/// The identifier of one entry of a record in its owner's index. It is random.
pub(crate) type Ticket = [u8; 8];

/// Encodes a record.
pub(crate) fn encode(
    record: &Record,
    version: Version,
    ticket: Ticket,
    kept_until: i64,
) -> Result<Vec<u8>, StoreError> {
    let (owner, purpose) = (record.owner().map(Owner::as_str), record.purpose.as_str());
    let label = record.label.as_deref();
    let (owner_length, label_length) = (length(owner)?, length(label)?);
    let texts = purpose.len() + owner.map_or(0, str::len) + label.map_or(0, str::len);
    let mut bytes = Vec::with_capacity(HEAD + texts + record.data.len());
    bytes.push(FORMAT);
    bytes.extend_from_slice(&version_bytes(version));
    bytes.extend_from_slice(&times(kept_until, record.last_seen, record.expires_at));
    bytes.extend_from_slice(&millis(record.created_at).to_be_bytes());
    bytes.extend_from_slice(&millis(record.deadline).to_be_bytes());
    bytes.extend_from_slice(&ticket);
    bytes.extend_from_slice(&owner_length.to_be_bytes());
    bytes.extend_from_slice(&label_length.to_be_bytes());
    bytes.extend_from_slice(record.lineage().map_or(&[0; Lineage::LEN][..], |lineage| lineage.as_bytes()));
    bytes.push(purpose.len() as u8);
    bytes.extend_from_slice(purpose.as_bytes());
    bytes.extend_from_slice(owner.unwrap_or_default().as_bytes());
    bytes.extend_from_slice(label.unwrap_or_default().as_bytes());
    bytes.extend_from_slice(&record.data);
    Ok(bytes)
}

/// Decodes a record that [`encode`] returned.
pub(crate) fn decode(bytes: &[u8]) -> Result<Stored, StoreError> {
    let head = Head::read(bytes)?;
    let record = Record::new(head.purpose()?, &bytes[head.end..], head.created_at)
        .login(head.login())
        .label(head.label.map(Arc::from))
        .last_seen(head.last_seen)
        .expires_at(head.expires_at)
        .deadline(head.deadline);
    Ok(Stored::new(record, head.version))
}

/// A record without its data.
#[derive(Debug)]
pub(crate) struct Head<'a> {
    pub(crate) ticket: Ticket,
    owner: Option<&'a str>,
    lineage: Lineage,
    purpose: &'a str,
    /// The length of the purpose, the purpose, and the owner.
    owner_key: &'a [u8],
    version: Version,
    label: Option<&'a str>,
    created_at: SystemTime,
    last_seen: SystemTime,
    expires_at: SystemTime,
    deadline: SystemTime,
    /// The offset of the data.
    end: usize,
}

impl<'a> Head<'a> {
    /// Decodes the start of a record that [`encode`] returned, at least up to the data.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, StoreError> {
        if bytes.len() < HEAD || bytes[0] != FORMAT {
            return Err(unreadable(match bytes.first() {
                Some(1..FORMAT) => {
                    "it has an older format, whose key is not bound to a purpose, so it cannot be migrated: \
                     delete it"
                }
                _ => "its format is unknown: it was written by a newer release or by another program",
            }));
        }
        let mut end = HEAD + usize::from(bytes[PURPOSE]);
        let purpose = bytes.get(HEAD..end).ok_or_else(|| unreadable("it is truncated"))?;
        let purpose = std::str::from_utf8(purpose).map_err(unreadable)?;
        let owner = text(bytes, LENGTHS, &mut end)?;
        let owner_key = &bytes[PURPOSE..end];
        let label = text(bytes, LENGTHS + 4, &mut end)?;
        let mut lineage = [0; Lineage::LEN];
        lineage.copy_from_slice(&bytes[LINEAGE..PURPOSE]);
        Ok(Self {
            ticket: eight(bytes, TICKET),
            owner,
            lineage: Lineage::from_bytes(lineage),
            purpose,
            owner_key,
            version: Version::new(u64::from_be_bytes(eight(bytes, VERSION))),
            label,
            last_seen: time(eight(bytes, TIMES)),
            expires_at: time(eight(bytes, TIMES + 8)),
            created_at: time(eight(bytes, TIMES + 16)),
            deadline: time(eight(bytes, TIMES + 24)),
            end,
        })
    }

    /// Checks whether the record belongs to this owner and has this purpose.
    pub(crate) fn is_of(&self, owner_key: &OwnerKey) -> bool {
        self.owner.is_some() && self.owner_key == owner_key.as_bytes()
    }

    fn purpose(&self) -> Result<Purpose, StoreError> {
        Purpose::new(self.purpose).map_err(unreadable)
    }

    fn login(&self) -> Option<Login> {
        self.owner.map(|owner| Login::new(Owner::new(owner), self.lineage))
    }

    pub(crate) fn summary(&self, key: StoreKey) -> Summary {
        Summary::new(key, self.version, self.created_at)
            .login(self.login())
            .label(self.label.map(Arc::from))
            .last_seen(self.last_seen)
            .expires_at(self.expires_at)
    }

    /// Returns the listing entry of a record that is `length` bytes long and starts with `bytes`. If the record has
    /// data, `bytes` must include its first byte.
    pub(crate) fn listed(&self, key: StoreKey, bytes: &[u8], length: usize) -> Result<Listed, StoreError> {
        Ok(Listed::new(
            self.summary(key),
            self.purpose()?,
            self.deadline,
            ContentKind::of(&bytes[self.end..]),
            length.saturating_sub(self.end) as u64,
        ))
    }
}

/// Encodes the times that a touch updates, as they are laid out in a record.
pub(crate) fn times(kept_until: i64, last_seen: SystemTime, expires_at: SystemTime) -> [u8; 24] {
    let mut bytes = [0; 24];
    bytes[..8].copy_from_slice(&kept_until.to_be_bytes());
    bytes[8..16].copy_from_slice(&millis(last_seen).to_be_bytes());
    bytes[16..].copy_from_slice(&millis(expires_at).to_be_bytes());
    bytes
}

/// Encodes a version as it is stored in a record.
pub(crate) fn version_bytes(version: Version) -> [u8; 8] {
    version.get().to_be_bytes()
}

fn time(bytes: [u8; 8]) -> SystemTime {
    from_millis(i64::from_be_bytes(bytes))
}

fn eight(bytes: &[u8], from: usize) -> [u8; 8] {
    let mut eight = [0; 8];
    eight.copy_from_slice(&bytes[from..from + 8]);
    eight
}

fn length(text: Option<&str>) -> Result<u32, StoreError> {
    let length = text.map_or(0, |text| text.len() + 1);
    // The conversion fails only for strings that Redis would refuse, because they are longer than 512 MiB.
    u32::try_from(length).map_err(|error| StoreError::new("saving a session", error))
}

/// Returns the string whose length is stored at `at` and which starts at `end`, and advances `end` past the string.
fn text<'a>(bytes: &'a [u8], at: usize, end: &mut usize) -> Result<Option<&'a str>, StoreError> {
    let mut four = [0; 4];
    four.copy_from_slice(&bytes[at..at + 4]);
    let Some(length) = (u32::from_be_bytes(four) as usize).checked_sub(1) else { return Ok(None) };
    let from = std::mem::replace(end, end.saturating_add(length));
    let text = bytes.get(from..*end).ok_or_else(|| unreadable("it is truncated"))?;
    std::str::from_utf8(text).map(Some).map_err(unreadable)
}

fn unreadable(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
    StoreError::unreadable(why)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    fn record(owner: Option<&str>, label: Option<&str>, data: &[u8]) -> Record {
        let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
        Record::new(Purpose::new(if data.is_empty() { "admin" } else { "session" }).unwrap(), data, at(1))
            .login(owner.map(|owner| Login::new(Owner::new(owner), Lineage::from_random([7; 16]))))
            .label(label.map(Arc::from))
            .last_seen(at(2))
            .expires_at(at(3))
            .deadline(at(4))
    }

    #[test]
    fn every_record_survives_encoding() {
        for (owner, label) in [(None, None), (Some(""), None), (Some("ada"), Some("")), (None, Some("phone"))]
        {
            for data in [&b""[..], b"{}", &[0; 300]] {
                let record = record(owner, label, data);
                let bytes = encode(&record, Version::new(u64::MAX - 7), [9; 8], 5).unwrap();
                let stored = decode(&bytes).unwrap();
                assert_eq!(stored, Stored::new(record, Version::new(u64::MAX - 7)));
                assert_eq!(Head::read(&bytes[..bytes.len() - data.len()]).unwrap().ticket, [9; 8]);
            }
        }
    }

    #[test]
    fn truncated_and_invalid_records_are_an_error() {
        let bytes = encode(&record(Some("ada"), Some("phone"), b""), Version::new(1), [0; 8], 5).unwrap();
        for length in 0..bytes.len() {
            assert!(decode(&bytes[..length]).is_err(), "{length} bytes");
        }
        let mut newer = bytes.clone();
        newer[0] = 3;
        assert!(decode(&newer).is_err());
        let mut older = bytes.clone();
        older[0] = 1;
        let refusal = decode(&older).unwrap_err();
        assert!(std::error::Error::source(&refusal).unwrap().to_string().contains("not bound to a purpose"));
        let mut endless = bytes;
        endless[LENGTHS..LENGTHS + 4].fill(0xff);
        assert!(decode(&endless).is_err());
    }
}
