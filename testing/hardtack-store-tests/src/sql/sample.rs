use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hardtack_core::protocol::{Purpose, Record, StoreKey};
use hardtack_sql::Settings;

/// The timeout of a store under test: a busy machine is not an outage, and may take long to
/// report that a statement is waiting for a lock.
const PATIENCE: Duration = Duration::from_secs(600);

pub(super) fn key(number: u8) -> StoreKey {
    StoreKey::from_bytes([number; 32])
}

/// Returns a time in the past. A store's automatic sweep removes nothing that is still valid by the server's clock.
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
