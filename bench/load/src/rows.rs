use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hardtack_core::protocol::{Purpose, Record, StoreKey};

/// The lifetime of a session.
pub(crate) const LIFE: Duration = Duration::from_secs(86_400);

/// The size of a session's data in bytes.
pub const DATA: usize = 200;

/// Mixes the bits of a number, so that consecutive numbers become evenly distributed.
pub fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    for factor in [0xbf58_476d_1ce4_e5b9_u64, 0x94d0_49bb_1331_11eb] {
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(factor);
    }
    mixed ^ (mixed >> 31)
}

/// Returns a session's key.
pub fn key(number: u64) -> StoreKey {
    let mut bytes = [0; 32];
    for (place, word) in bytes.chunks_exact_mut(8).enumerate() {
        word.copy_from_slice(&mixed(number * 4 + place as u64).to_le_bytes());
    }
    StoreKey::from_bytes(bytes)
}

/// Returns the id that a session has in tower-sessions: 128 bits.
pub fn id(number: u64) -> i128 {
    (i128::from(mixed(number)) << 60) | i128::from(mixed(!number) >> 4)
}

/// Returns a session's data.
pub fn data(number: u64) -> Vec<u8> {
    vec![number as u8; DATA]
}

/// Returns the expiry of a session that is written now, in milliseconds since 1970. Tables are filled with this expiry,
/// so that a later write extends it, as in production, without changing the expiry index.
pub fn expiry() -> i64 {
    let expiry = SystemTime::now() + LIFE;
    expiry.duration_since(UNIX_EPOCH).expect("the time is after 1970").as_millis() as i64
}

/// Returns the record of a session that is written now.
pub fn record(number: u64) -> Record {
    let now = SystemTime::now();
    Record::new(Purpose::default(), data(number), now)
        .expires_at(now + LIFE)
        .deadline(now + Duration::from_secs(30 * 86_400))
}
