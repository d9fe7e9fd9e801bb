use std::sync::Arc;

use hardtack_core::protocol::{ContentKind, Lineage, Login, Owner, Purpose, Record, StoreKey};
use hardtack_core::store::{self, Listed, Stored, Summary, Version, from_millis};
use rusqlite::types::Type;
use rusqlite::{Error, Result, Row};

/// Reads a record from these columns:
/// `version, data, owner, label, created_at, last_seen, expires_at, deadline, lineage, purpose`.
pub(crate) fn stored(row: &Row<'_>) -> Result<Stored> {
    let record = Record::new(purpose(row, 9)?, row.get_ref(1)?.as_blob()?, from_millis(row.get(4)?))
        .login(login(row, 2, 8)?)
        .label(row.get_ref(3)?.as_str_or_null()?.map(Arc::from))
        .last_seen(from_millis(row.get(5)?))
        .expires_at(from_millis(row.get(6)?))
        .deadline(from_millis(row.get(7)?));
    Ok(Stored::new(record, version(row.get(0)?)))
}

/// Reads a row of a listing, which starts with its key. The key can be valid even if the record cannot be decoded.
pub(crate) fn entry<T>(row: &Row<'_>, read: fn(&Row<'_>) -> Result<T>) -> Result<store::Row<T, Error>> {
    let key = row.get_ref(0)?.as_blob()?.into();
    match read(row) {
        Err(error) if !is_row_error(&error) => Err(error),
        record => Ok((key, record)),
    }
}

/// Checks whether an error concerns only one row, whose columns have values that a store never writes. The file itself
/// is intact in this case.
pub(crate) fn is_row_error(error: &Error) -> bool {
    use Error::{FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType, Utf8Error};
    matches!(
        error,
        FromSqlConversionFailure(..) | IntegralValueOutOfRange(..) | InvalidColumnType(..) | Utf8Error(..)
    )
}

/// Reads a summary from the columns `key, version, label, created_at, last_seen, expires_at, owner, lineage`.
pub(crate) fn summary(row: &Row<'_>) -> Result<Summary> {
    Ok(Summary::new(StoreKey::from_bytes(array(row, 0)?), version(row.get(1)?), from_millis(row.get(3)?))
        .login(login(row, 6, 7)?)
        .label(row.get_ref(2)?.as_str_or_null()?.map(Arc::from))
        .last_seen(from_millis(row.get(4)?))
        .expires_at(from_millis(row.get(5)?)))
}

/// Reads a listing entry from the columns
/// `key, version, label, created_at, last_seen, expires_at, owner, lineage, deadline`, the length of the data, the
/// first byte of the data, and `purpose`.
pub(crate) fn listed(row: &Row<'_>) -> Result<Listed> {
    Ok(Listed::new(
        summary(row)?,
        purpose(row, 11)?,
        from_millis(row.get(8)?),
        // For empty data, SQLite returns NULL as the first byte.
        ContentKind::of(row.get_ref(10)?.as_blob_or_null()?.unwrap_or_default()),
        row.get::<_, i64>(9)?.unsigned_abs(),
    ))
}

fn purpose(row: &Row<'_>, at: usize) -> Result<Purpose> {
    Purpose::new(row.get_ref(at)?.as_str()?)
        .map_err(|error| Error::FromSqlConversionFailure(at, Type::Text, error.into()))
}

fn login(row: &Row<'_>, owner: usize, lineage: usize) -> Result<Option<Login>> {
    let Some(owner) = row.get_ref(owner)?.as_str_or_null()?.map(Owner::new) else { return Ok(None) };
    Ok(Some(Login::new(owner, Lineage::from_bytes(array(row, lineage)?))))
}

fn array<const LENGTH: usize>(row: &Row<'_>, at: usize) -> Result<[u8; LENGTH]> {
    let bytes = row.get_ref(at)?.as_blob()?;
    bytes.try_into().map_err(|error: std::array::TryFromSliceError| {
        Error::FromSqlConversionFailure(at, Type::Blob, error.into())
    })
}

/// Converts a version to SQLite's representation: the same 64 bits, signed.
pub(crate) fn column(version: Version) -> i64 {
    version.get().cast_signed()
}

fn version(column: i64) -> Version {
    Version::new(column.cast_unsigned())
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
