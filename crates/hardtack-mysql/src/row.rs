use std::sync::Arc;

use hardtack_core::session::{Owner, Record, StoreKey};
use hardtack_core::store::{Stored, Summary, Version};
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
    Ok(Summary {
        key: key(&mut row)?,
        version: Version::new(column(&mut row, 1)?),
        label: text(&mut row, 2)?,
        created_at: time(column(&mut row, 3)?),
        last_seen: time(column(&mut row, 4)?),
        expires_at: time(column(&mut row, 5)?),
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
