use std::sync::Arc;

use hardtack_core::session::{ContentKind, Owner, Record, StoreKey};
use hardtack_core::store::{Listed, Stored, Summary, Version, from_millis};
use rusqlite::types::Type;
use rusqlite::{Error, Result, Row};

/// Reads `version, data, owner, label, created_at, last_seen, expires_at, deadline`.
pub(crate) fn stored(row: &Row<'_>) -> Result<Stored> {
    let owner = row.get_ref(2)?.as_str_or_null()?.map(Owner::new);
    let record = Record {
        data: Arc::from(row.get_ref(1)?.as_blob()?),
        owner,
        label: row.get_ref(3)?.as_str_or_null()?.map(Arc::from),
        created_at: from_millis(row.get(4)?),
        last_seen: from_millis(row.get(5)?),
        expires_at: from_millis(row.get(6)?),
        deadline: from_millis(row.get(7)?),
    };
    Ok(Stored { record, version: version(row.get(0)?) })
}

/// Reads `key, version, label, created_at, last_seen, expires_at`.
pub(crate) fn summary(row: &Row<'_>) -> Result<Summary> {
    let key = row.get_ref(0)?.as_blob()?;
    let key = <[u8; StoreKey::LEN]>::try_from(key)
        .map_err(|error| Error::FromSqlConversionFailure(0, Type::Blob, error.into()))?;
    Ok(Summary {
        key: StoreKey::from_bytes(key),
        version: version(row.get(1)?),
        label: row.get_ref(2)?.as_str_or_null()?.map(Arc::from),
        created_at: from_millis(row.get(3)?),
        last_seen: from_millis(row.get(4)?),
        expires_at: from_millis(row.get(5)?),
    })
}

/// Reads `key, version, label, created_at, last_seen, expires_at, owner, deadline`, the length of the data and its
/// beginning.
pub(crate) fn listed(row: &Row<'_>) -> Result<Listed> {
    Ok(Listed {
        summary: summary(row)?,
        owner: row.get_ref(6)?.as_str_or_null()?.map(Owner::new),
        deadline: from_millis(row.get(7)?),
        size: row.get::<_, i64>(8)?.unsigned_abs(),
        // Of no data, SQLite says that the beginning is NULL.
        content: ContentKind::of(row.get_ref(9)?.as_blob_or_null()?.unwrap_or_default()),
    })
}

/// The version as SQLite holds it: the same 64 bits, signed.
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
