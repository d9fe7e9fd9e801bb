use std::sync::Arc;

use hardtack_core::session::{ContentKind, Owner, Record, StoreKey};
use hardtack_core::store::{Listed, Stored, Summary, Version};
use hardtack_sql::{Failure, time};
use mysql_async::Row;
use mysql_async::prelude::FromValue;

/// Reads `key, version, data, owner, label, created_at, last_seen, expires_at, deadline`.
pub(crate) fn stored(mut row: Row) -> Result<(StoreKey, Stored), Failure> {
    let record = Record {
        data: column::<Vec<u8>>(&mut row, 2)?.into(),
        owner: text(&mut row, 3)?.map(Owner::new),
        label: text(&mut row, 4)?,
        created_at: time(column(&mut row, 5)?),
        last_seen: time(column(&mut row, 6)?),
        expires_at: time(column(&mut row, 7)?),
        deadline: time(column(&mut row, 8)?),
    };
    let version = Version::new(column(&mut row, 1)?);
    Ok((key(&mut row)?, Stored { record, version }))
}

/// Reads `key, version, label, created_at, last_seen, expires_at`.
pub(crate) fn summary(mut row: Row) -> Result<Summary, Failure> {
    summary_of(&mut row)
}

/// Reads `key, version, label, created_at, last_seen, expires_at, owner, deadline`, the length of the data and its
/// beginning.
pub(crate) fn listed(mut row: Row) -> Result<Listed, Failure> {
    Ok(Listed {
        summary: summary_of(&mut row)?,
        owner: text(&mut row, 6)?.map(Owner::new),
        deadline: time(column(&mut row, 7)?),
        size: column(&mut row, 8)?,
        content: ContentKind::of(&column::<Vec<u8>>(&mut row, 9)?),
    })
}

/// Reads `key, expires_at`.
pub(crate) fn due(mut row: Row) -> Result<(StoreKey, i64), Failure> {
    Ok((key(&mut row)?, column(&mut row, 1)?))
}

/// Reads one number.
pub(crate) fn number(mut row: Row) -> Result<i64, Failure> {
    column(&mut row, 0)
}

fn summary_of(row: &mut Row) -> Result<Summary, Failure> {
    Ok(Summary {
        key: key(row)?,
        version: Version::new(column(row, 1)?),
        label: text(row, 2)?,
        created_at: time(column(row, 3)?),
        last_seen: time(column(row, 4)?),
        expires_at: time(column(row, 5)?),
    })
}

fn key(row: &mut Row) -> Result<StoreKey, Failure> {
    let bytes: [u8; StoreKey::LEN] = column::<Vec<u8>>(row, 0)?
        .try_into()
        .map_err(|_| Failure::refused("a record's key has not the length of a key"))?;
    Ok(StoreKey::from_bytes(bytes))
}

fn text(row: &mut Row, at: usize) -> Result<Option<Arc<str>>, Failure> {
    let Some(bytes) = column::<Option<Vec<u8>>>(row, at)? else { return Ok(None) };
    String::from_utf8(bytes)
        .map(|text| Some(Arc::from(text)))
        .map_err(|error| Failure::refused(error.utf8_error()))
}

fn column<T: FromValue>(row: &mut Row, at: usize) -> Result<T, Failure> {
    match row.take_opt(at) {
        Some(Ok(value)) => Ok(value),
        // The error itself would quote the value.
        _ => Err(Failure::refused("a column of the session table is not of the type that was written")),
    }
}
