use std::sync::Arc;

use hardtack_core::protocol::{ContentKind, Lineage, Login, Owner, Purpose, Record, StoreKey};
use hardtack_core::store::{self, Listed, Stored, Summary, Version, from_millis};
use hardtack_sql::{Failure, LoadedRow};
use mysql_async::Row;
use mysql_async::prelude::FromValue;

/// Reads a loaded row with the columns `key, version, data, owner, label, created_at, last_seen, expires_at, deadline,
/// lineage, purpose`. If the key is valid but the record cannot be decoded, the failure is returned with the key.
pub(crate) fn stored(mut row: Row) -> Result<LoadedRow, Failure> {
    Ok((key(&mut row)?, record(&mut row)))
}

fn record(row: &mut Row) -> Result<Stored, Failure> {
    let record = Record::new(purpose(row, 10)?, column::<Vec<u8>>(row, 2)?, from_millis(column(row, 5)?))
        .login(login(row, 3, 9)?)
        .label(text(row, 4)?)
        .last_seen(from_millis(column(row, 6)?))
        .expires_at(from_millis(column(row, 7)?))
        .deadline(from_millis(column(row, 8)?));
    Ok(Stored::new(record, Version::new(column(row, 1)?)))
}

/// Reads a row of a listing, whose first column is the key. If the rest of the row cannot be decoded, the failure is
/// returned with the key.
pub(crate) fn entry<T>(
    mut row: Row,
    read: fn(StoreKey, &mut Row) -> Result<T, Failure>,
) -> Result<store::Row<T, Failure>, Failure> {
    let bytes: Vec<u8> = column(&mut row, 0)?;
    let record = store_key(&bytes).and_then(|key| read(key, &mut row));
    Ok((bytes.into(), record))
}

/// Reads the columns that follow the key: `version, label, created_at, last_seen, expires_at, owner, lineage`.
pub(crate) fn summary(key: StoreKey, row: &mut Row) -> Result<Summary, Failure> {
    Ok(Summary::new(key, Version::new(column(row, 1)?), from_millis(column(row, 3)?))
        .login(login(row, 6, 7)?)
        .label(text(row, 2)?)
        .last_seen(from_millis(column(row, 4)?))
        .expires_at(from_millis(column(row, 5)?)))
}

/// Reads the columns that follow the key: `version, label, created_at, last_seen, expires_at, owner, lineage,
/// deadline`, the length of the data, its first byte, and `purpose`.
pub(crate) fn listed(key: StoreKey, row: &mut Row) -> Result<Listed, Failure> {
    Ok(Listed::new(
        summary(key, row)?,
        purpose(row, 11)?,
        from_millis(column(row, 8)?),
        ContentKind::of(&column::<Vec<u8>>(row, 10)?),
        column(row, 9)?,
    ))
}

/// Reads a row of a sweep, with the columns `key, expires_at`.
pub(crate) fn due(mut row: Row) -> Result<(StoreKey, i64), Failure> {
    Ok((key(&mut row)?, column(&mut row, 1)?))
}

/// Reads a row that consists of one number.
pub(crate) fn number(mut row: Row) -> Result<i64, Failure> {
    column(&mut row, 0)
}

fn key(row: &mut Row) -> Result<StoreKey, Failure> {
    store_key(&column::<Vec<u8>>(row, 0)?)
}

fn store_key(bytes: &[u8]) -> Result<StoreKey, Failure> {
    let no_key = |_| Failure::unreadable("a record's key has the wrong length");
    bytes.try_into().map(StoreKey::from_bytes).map_err(no_key)
}

fn purpose(row: &mut Row, at: usize) -> Result<Purpose, Failure> {
    let text =
        String::from_utf8(column(row, at)?).map_err(|error| Failure::unreadable(error.utf8_error()))?;
    Purpose::new(text).map_err(Failure::unreadable)
}

fn login(row: &mut Row, owner: usize, lineage: usize) -> Result<Option<Login>, Failure> {
    let Some(owner) = text(row, owner)?.map(Owner::new) else { return Ok(None) };
    let lineage: [u8; Lineage::LEN] = column::<Vec<u8>>(row, lineage)?
        .try_into()
        .map_err(|_| Failure::unreadable("a record's lineage has the wrong length"))?;
    Ok(Some(Login::new(owner, Lineage::from_bytes(lineage))))
}

fn text(row: &mut Row, at: usize) -> Result<Option<Arc<str>>, Failure> {
    let Some(bytes) = column::<Option<Vec<u8>>>(row, at)? else { return Ok(None) };
    String::from_utf8(bytes)
        .map(|text| Some(Arc::from(text)))
        .map_err(|error| Failure::unreadable(error.utf8_error()))
}

fn column<T: FromValue>(row: &mut Row, at: usize) -> Result<T, Failure> {
    match row.take_opt(at) {
        Some(Ok(value)) => Ok(value),
        // The driver's own error would quote the value.
        _ => Err(Failure::unreadable("a column of the session table has an unexpected type")),
    }
}
