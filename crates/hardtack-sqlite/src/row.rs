use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hardtack_core::session::{ContentKind, Owner, Record, StoreKey};
use hardtack_core::store::{Listed, Stored, Summary, Version};
use rusqlite::types::Type;
use rusqlite::{Error, Result, Row};

/// Reads `version, data, owner, label, created_at, last_seen, expires_at, deadline`.
pub(crate) fn stored(row: &Row<'_>) -> Result<Stored> {
    let owner = row.get_ref(2)?.as_str_or_null()?.map(Owner::new);
    let record = Record {
        data: Arc::from(row.get_ref(1)?.as_blob()?),
        owner,
        label: row.get_ref(3)?.as_str_or_null()?.map(Arc::from),
        created_at: time(row.get(4)?),
        last_seen: time(row.get(5)?),
        expires_at: time(row.get(6)?),
        deadline: time(row.get(7)?),
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
        created_at: time(row.get(3)?),
        last_seen: time(row.get(4)?),
        expires_at: time(row.get(5)?),
    })
}

/// Reads `key, version, label, created_at, last_seen, expires_at, owner, deadline`, the length of the data and its
/// beginning.
pub(crate) fn listed(row: &Row<'_>) -> Result<Listed> {
    Ok(Listed {
        summary: summary(row)?,
        owner: row.get_ref(6)?.as_str_or_null()?.map(Owner::new),
        deadline: time(row.get(7)?),
        size: row.get::<_, i64>(8)?.unsigned_abs(),
        content: ContentKind::of(row.get_ref(9)?.as_blob()?),
    })
}

/// Whole milliseconds since 1970, negative before it; rounded down.
pub(crate) fn millis(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
        Err(before) => {
            let nanos = before.duration().as_nanos();
            i64::try_from(nanos.div_ceil(1_000_000)).map_or(i64::MIN, |millis| -millis)
        }
    }
}

/// The time that [`millis`] wrote. A number that no `SystemTime` can hold, which it never wrote, reads as 1970.
pub(crate) fn time(millis: i64) -> SystemTime {
    let distance = Duration::from_millis(millis.unsigned_abs());
    let time = if millis < 0 { UNIX_EPOCH.checked_sub(distance) } else { UNIX_EPOCH.checked_add(distance) };
    time.unwrap_or(UNIX_EPOCH)
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
    fn times_come_back_rounded_down_to_the_millisecond() {
        for (written, read) in [
            (UNIX_EPOCH, UNIX_EPOCH),
            (UNIX_EPOCH + Duration::from_nanos(1_999_999), UNIX_EPOCH + Duration::from_millis(1)),
            (UNIX_EPOCH - Duration::from_nanos(1), UNIX_EPOCH - Duration::from_millis(1)),
            (UNIX_EPOCH - Duration::from_secs(9), UNIX_EPOCH - Duration::from_secs(9)),
        ] {
            assert_eq!(time(millis(written)), read);
        }
    }

    #[test]
    fn versions_keep_all_their_bits() {
        for number in [0, 1, u64::MAX, 1 << 63] {
            assert_eq!(version(column(Version::new(number))), Version::new(number));
        }
    }
}
