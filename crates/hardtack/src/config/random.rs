//! Random numbers: those of the operating system for values that must not be guessable, and cheaper ones for everything
//! else.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// Returns random bytes from the operating system, for ids, nonces, and secrets. If the system has none, logs an error
/// and returns `None`.
///
/// No state is kept between calls, so a forked process or a copied virtual machine does not draw the same numbers as
/// the original.
pub(crate) fn random<const N: usize>() -> Option<[u8; N]> {
    let mut bytes = [0; N];
    match getrandom::fill(&mut bytes) {
        Ok(()) => Some(bytes),
        Err(error) => no_random(error),
    }
}

#[cold]
fn no_random<T>(error: getrandom::Error) -> Option<T> {
    tracing::error!(%error, "the operating system did not provide random numbers, so a session cannot be created");
    None
}

/// Returns a number that spreads out the retries of concurrent requests. The number may be guessable, and two processes
/// may return the same one.
pub(crate) fn jitter() -> u64 {
    static NEXT: LazyLock<AtomicU64> =
        LazyLock::new(|| AtomicU64::new(RandomState::new().build_hasher().finish()));
    const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
    let number = NEXT.fetch_add(GOLDEN, Ordering::Relaxed);
    let mixed = (number ^ (number >> 32)).wrapping_mul(GOLDEN);
    mixed ^ (mixed >> 29)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use hardtack_core::base64;
    use hardtack_core::protocol::SessionId;
    use hardtack_core::value::Uuid;

    use super::*;

    #[test]
    fn a6_a_million_ids_of_256_bits_are_all_different_and_no_uuids() {
        let mut ids = HashSet::with_capacity(1_000_000);
        let mut bits = [0_u32; 256];
        for _ in 0..1_000_000 {
            let id = SessionId::from_random(random().expect("random numbers")).to_text();
            assert!(id.parse::<Uuid>().is_err());
            let bytes = base64::decode_id(id.as_bytes()).expect("256 bits");
            for (bit, ones) in bits.iter_mut().enumerate() {
                *ones += u32::from(bytes[bit / 8] >> (bit % 8) & 1);
            }
            assert!(ids.insert(bytes), "an id came twice");
        }
        // Each bit is set about half of the time, within ten standard deviations.
        assert!(bits.iter().all(|ones| (495_000..505_000).contains(ones)), "{bits:?}");
    }

    #[test]
    fn numbers_that_spread_requests_differ_in_every_bit() {
        let numbers: HashSet<u64> = (0..10_000).map(|_| jitter()).collect();
        assert_eq!(numbers.len(), 10_000);
        for bit in 0..64 {
            let ones = numbers.iter().filter(|&&number| number >> bit & 1 == 1).count();
            assert!((4_000..6_000).contains(&ones), "bit {bit}: {ones} of 10,000");
        }
    }
}
