use std::sync::Arc;

use hardtack_core::protocol::{ContentKind, Lineage, Login, Owner, Purpose, Record, StoreKey};
use hardtack_core::store::{self, Listed, Stored, Summary, Version, from_millis};
use hardtack_sql::{Failure, LoadedRow};
use tokio_postgres::Row;

/// Reads a loaded row with the columns `key, version, data, owner, label, created_at, last_seen, expires_at, deadline,
/// lineage, purpose`. If the key is valid but the record cannot be decoded, the failure is returned with the key.
pub(crate) fn stored(row: &Row) -> Result<LoadedRow, Failure> {
    Ok((key(row)?, record(row)))
}

fn record(row: &Row) -> Result<Stored, Failure> {
    let record = Record::new(
        purpose(row, 10)?,
        row.try_get::<_, &[u8]>(2).map_err(Failure::unreadable)?,
        from_millis(integer(row, 5)?),
    )
    .login(login(row, 3, 9)?)
    .label(text(row, 4)?)
    .last_seen(from_millis(integer(row, 6)?))
    .expires_at(from_millis(integer(row, 7)?))
    .deadline(from_millis(integer(row, 8)?));
    Ok(Stored::new(record, version(integer(row, 1)?)))
}

/// Reads a row of a listing, whose first column is the key. If the rest of the row cannot be decoded, the failure is
/// returned with the key.
pub(crate) fn entry<T>(
    row: &Row,
    read: fn(&Row) -> Result<T, Failure>,
) -> Result<store::Row<T, Failure>, Failure> {
    let key = row.try_get::<_, &[u8]>(0).map_err(Failure::unreadable)?;
    Ok((key.into(), read(row)))
}

/// Reads a row that starts with the columns `key, version, label, created_at, last_seen, expires_at, owner, lineage`.
pub(crate) fn summary(row: &Row) -> Result<Summary, Failure> {
    Ok(Summary::new(key(row)?, version(integer(row, 1)?), from_millis(integer(row, 3)?))
        .login(login(row, 6, 7)?)
        .label(text(row, 2)?)
        .last_seen(from_millis(integer(row, 4)?))
        .expires_at(from_millis(integer(row, 5)?)))
}

/// Reads a row with the columns `key, version, label, created_at, last_seen, expires_at, owner, lineage, deadline`, the
/// length of the data, its first byte, and `purpose`.
pub(crate) fn listed(row: &Row) -> Result<Listed, Failure> {
    Ok(Listed::new(
        summary(row)?,
        purpose(row, 11)?,
        from_millis(integer(row, 8)?),
        ContentKind::of(row.try_get(10).map_err(Failure::unreadable)?),
        integer(row, 9)?.unsigned_abs(),
    ))
}

/// Converts a version to PostgreSQL's representation: the same 64 bits, signed.
pub(crate) fn column(version: Version) -> i64 {
    version.get().cast_signed()
}

fn version(column: i64) -> Version {
    Version::new(column.cast_unsigned())
}

fn key(row: &Row) -> Result<StoreKey, Failure> {
    let bytes = row.try_get::<_, &[u8]>(0).map_err(Failure::unreadable)?;
    bytes.try_into().map(StoreKey::from_bytes).map_err(Failure::unreadable)
}

fn purpose(row: &Row, at: usize) -> Result<Purpose, Failure> {
    let bytes = row.try_get::<_, &[u8]>(at).map_err(Failure::unreadable)?;
    let text = std::str::from_utf8(bytes).map_err(Failure::unreadable)?;
    Purpose::new(text).map_err(Failure::unreadable)
}

fn login(row: &Row, owner: usize, lineage: usize) -> Result<Option<Login>, Failure> {
    let Some(owner) = text(row, owner)?.map(Owner::new) else { return Ok(None) };
    let lineage = row.try_get::<_, &[u8]>(lineage).map_err(Failure::unreadable)?;
    let lineage = lineage.try_into().map(Lineage::from_bytes).map_err(Failure::unreadable)?;
    Ok(Some(Login::new(owner, lineage)))
}

fn text(row: &Row, at: usize) -> Result<Option<Arc<str>>, Failure> {
    let Some(bytes) = row.try_get::<_, Option<&[u8]>>(at).map_err(Failure::unreadable)? else {
        return Ok(None);
    };
    std::str::from_utf8(bytes).map(|text| Some(Arc::from(text))).map_err(Failure::unreadable)
}

fn integer(row: &Row, at: usize) -> Result<i64, Failure> {
    row.try_get(at).map_err(Failure::unreadable)
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
