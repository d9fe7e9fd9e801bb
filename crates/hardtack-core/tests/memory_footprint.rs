//! The memory that a session takes in the memory store, counted by the allocator. This test is the only one in its
//! program, so that nothing else allocates at the same time.

use std::alloc::System;
use std::time::{Duration, UNIX_EPOCH};

use hardtack_core::protocol::{Lineage, Login, Owner, Purpose, Record, StoreKey};
use hardtack_core::store::{MemoryStore, SessionStore, Swap};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// An upper estimate of an allocator's overhead per block: glibc adds 8 bytes and rounds up to 16.
const PER_BLOCK: usize = 16;

#[test]
fn a_session_of_200_bytes_costs_at_most_450() {
    // The tables of the shards grow by half. The worst case is just after they have grown, and these session counts
    // include values on both sides of that point.
    for count in [150_000, 175_000, 200_000, 225_000] {
        let anonymous = bytes_per_session(count, |_| None);
        assert!(anonymous <= 450.0, "{anonymous} bytes per anonymous session of {count}");
        let owned = bytes_per_session(count, |n| Some(Owner::new(format!("user-{n}"))));
        // Of these bytes, 16 are for the lineage and 8 for the purpose.
        assert!(owned <= 504.0, "{owned} bytes per session of {count}, each with an owner of its own");
        println!(
            "summary: memory store, {count} sessions: {anonymous:.0} bytes each, {owned:.0} with an owner of its own"
        );
    }
}

fn bytes_per_session(count: u64, owner: impl Fn(u64) -> Option<Owner>) -> f64 {
    let region = Region::new(ALLOCATOR);
    let store = MemoryStore::new();
    for number in 0..count {
        let last_seen = UNIX_EPOCH + Duration::from_millis(1_800_000_000_000 + number * 37);
        let record = Record::new(Purpose::default(), vec![number as u8; 200], last_seen)
            .login(owner(number).map(|owner| Login::new(owner, Lineage::from_random([7; 16]))))
            .expires_at(last_seen + Duration::from_secs(86_400))
            .deadline(last_seen + Duration::from_secs(30 * 86_400));
        let created = pollster::block_on(store.create(&key(number), &record)).expect("memory never fails");
        assert_ne!(created, Swap::Refused);
    }
    let held = region.change();
    assert_eq!(store.metrics().live, count);
    let bytes = held.bytes_allocated - held.bytes_deallocated;
    let blocks = held.allocations - held.deallocations;
    (bytes + blocks * PER_BLOCK) as f64 / count as f64
}

/// Returns a uniformly distributed key, like real keys, which are digests.
fn key(number: u64) -> StoreKey {
    let mut bytes = [0; 32];
    for (place, word) in bytes.chunks_exact_mut(8).enumerate() {
        let mut mixed = number.wrapping_mul(4).wrapping_add(place as u64);
        for factor in [0xbf58_476d_1ce4_e5b9_u64, 0x94d0_49bb_1331_11eb] {
            mixed = mixed.wrapping_add(0x9e37_79b9_7f4a_7c15);
            mixed = (mixed ^ mixed >> 30).wrapping_mul(factor);
        }
        word.copy_from_slice(&(mixed ^ mixed >> 31).to_le_bytes());
    }
    StoreKey::from_bytes(bytes)
}
