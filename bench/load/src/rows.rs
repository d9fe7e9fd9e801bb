use std::time::{Duration, SystemTime};

use hardtack_core::session::{Record, StoreKey};

/// How many bytes a session holds.
pub const DATA: usize = 200;

/// Any number, spread evenly over all numbers.
pub fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    for factor in [0xbf58_476d_1ce4_e5b9_u64, 0x94d0_49bb_1331_11eb] {
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(factor);
    }
    mixed ^ (mixed >> 31)
}

/// A session's key.
pub fn key(number: u64) -> StoreKey {
    let mut bytes = [0; 32];
    for (place, word) in bytes.chunks_exact_mut(8).enumerate() {
        word.copy_from_slice(&mixed(number * 4 + place as u64).to_le_bytes());
    }
    StoreKey::from_bytes(bytes)
}

/// A session's id as tower-sessions has them: 128 bits.
pub fn id(number: u64) -> i128 {
    (i128::from(mixed(number)) << 60) | i128::from(mixed(!number) >> 4)
}

/// What it holds.
pub fn data(number: u64) -> Vec<u8> {
    vec![number as u8; DATA]
}

/// The record that is written over it.
pub fn record(number: u64) -> Record {
    let now = SystemTime::now();
    Record {
        data: data(number).into(),
        owner: None,
        label: None,
        created_at: now,
        last_seen: now,
        expires_at: now + Duration::from_secs(86_400),
        deadline: now + Duration::from_secs(30 * 86_400),
    }
}
