use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hardtack_core::protocol::{Purpose, Record, StoreKey};
use hardtack_sql::Settings;

/// The timeout of a store under test. It is long, because a busy machine must not look like an outage, and because it
/// may take long to report that a statement is waiting for a lock.
const PATIENCE: Duration = Duration::from_secs(600);

pub(super) fn key(number: u8) -> StoreKey {
    StoreKey::from_bytes([number; 32])
}

/// Returns a time in the past. The tests use such times, because the automatic sweep of a store removes only records
/// that have also expired by the server's clock.
pub(super) fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_700_000_000 + seconds)
}

pub(super) fn record(data: &[u8]) -> Record {
    Record::new(Purpose::default(), data, at(0)).last_seen(at(1)).expires_at(at(60)).deadline(at(1000))
}

/// Returns the default settings with a longer timeout.
pub(super) fn patient_settings() -> Settings {
    Settings { timeout: PATIENCE, ..Settings::default() }
}

/// Returns settings with one connection of each kind.
pub(super) fn narrow_settings() -> Settings {
    Settings { readers: 1, writers: 1, ..patient_settings() }
}
