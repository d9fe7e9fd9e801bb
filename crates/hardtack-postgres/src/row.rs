use std::sync::Arc;

use hardtack_core::session::{ContentKind, Owner, Record, StoreKey};
use hardtack_core::store::{Listed, Stored, Summary, Version};
use hardtack_sql::{Failure, time};
use tokio_postgres::Row;

use crate::error::failure;

/// Reads `key, version, data, owner, label, created_at, last_seen, expires_at, deadline`.
pub(crate) fn stored(row: &Row) -> Result<(StoreKey, Stored), Failure> {
    let record = Record {
        data: Arc::from(row.try_get::<_, &[u8]>(2).map_err(failure)?),
        owner: text(row, 3)?.map(Owner::new),
        label: text(row, 4)?,
        created_at: time(integer(row, 5)?),
        last_seen: time(integer(row, 6)?),
        expires_at: time(integer(row, 7)?),
        deadline: time(integer(row, 8)?),
    };
    Ok((key(row)?, Stored { record, version: version(integer(row, 1)?) }))
}

/// Reads `key, version, label, created_at, last_seen, expires_at`.
pub(crate) fn summary(row: &Row) -> Result<Summary, Failure> {
    Ok(Summary {
        key: key(row)?,
        version: version(integer(row, 1)?),
        label: text(row, 2)?,
        created_at: time(integer(row, 3)?),
        last_seen: time(integer(row, 4)?),
        expires_at: time(integer(row, 5)?),
    })
}

/// Reads `key, version, label, created_at, last_seen, expires_at, owner, deadline`, the length of the data and its
/// beginning.
pub(crate) fn listed(row: &Row) -> Result<Listed, Failure> {
    Ok(Listed {
        summary: summary(row)?,
        owner: text(row, 6)?.map(Owner::new),
        deadline: time(integer(row, 7)?),
        size: integer(row, 8)?.unsigned_abs(),
        content: ContentKind::of(row.try_get(9).map_err(failure)?),
    })
}

/// The version as PostgreSQL holds it: the same 64 bits, signed.
pub(crate) fn column(version: Version) -> i64 {
    version.get().cast_signed()
}

fn version(column: i64) -> Version {
    Version::new(column.cast_unsigned())
}

fn key(row: &Row) -> Result<StoreKey, Failure> {
    let bytes = row.try_get::<_, &[u8]>(0).map_err(failure)?;
    bytes.try_into().map(StoreKey::from_bytes).map_err(Failure::refused)
}

fn text(row: &Row, at: usize) -> Result<Option<Arc<str>>, Failure> {
    let Some(bytes) = row.try_get::<_, Option<&[u8]>>(at).map_err(failure)? else { return Ok(None) };
    std::str::from_utf8(bytes).map(|text| Some(Arc::from(text))).map_err(Failure::refused)
}

fn integer(row: &Row, at: usize) -> Result<i64, Failure> {
    row.try_get(at).map_err(failure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_keep_all_their_bits() {
        for number in [0, 1, u64::MAX, 1 << 63] {
            assert_eq!(version(column(Version::new(number))), Version::new(number));
        }
    }
}
