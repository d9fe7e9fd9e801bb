use std::fmt;
use std::hash::RandomState;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use crate::protocol::{Lineage, Owner, Purpose, Record, StoreKey};
use crate::store::{Cursor, Page, SessionListing, SessionStore, StoreError, Stored, Summary, Swap, Version};

use super::entry::Rank;
use super::entry::{Due, Millis};
use super::metrics::MemoryMetrics;
use super::shard::{Shard, key_bits};
use super::spot::Spot;

/// A store in the memory of this process. Use it for tests, for development, and for a single server that can afford to
/// lose its sessions.
///
/// Clones share the same sessions. Every operation completes the first time it is polled. No operation can fail, except
/// [`page`](SessionListing::page) with a cursor that does not have this store's format.
///
/// ```
/// use hardtack_core::protocol::{Purpose, Record, StoreKey};
/// use hardtack_core::store::{MemoryStore, SessionStore, Swap};
/// use std::time::{Duration, SystemTime};
///
/// # pollster::block_on(async {
/// let store = MemoryStore::new();
/// let (key, now) = (StoreKey::from_bytes([7; 32]), SystemTime::UNIX_EPOCH);
/// let record = Record::new(Purpose::default(), *b"data", now)
///     .expires_at(now + Duration::from_secs(60))
///     .deadline(now + Duration::from_secs(3600));
/// let Swap::Done(version) = store.create(&key, &record).await? else { panic!("nobody was there") };
/// assert_eq!(store.load(&key).await?.map(|stored| stored.version), Some(version));
/// assert_eq!(store.create(&key, &record).await?, Swap::Refused);
/// assert_eq!(store.metrics().live, 1);
/// # Ok::<(), hardtack_core::store::StoreError>(())
/// # })?;
/// # Ok::<(), hardtack_core::store::StoreError>(())
/// ```
///
/// # Expiry
///
/// The store has no clock. Each `create` uses the new record's `last_seen` as the current time, and removes up to 16
/// records in the same shard that had expired by then. More records are removed than added, so expired records do not
/// accumulate, and no task needs to call [`sweep`](SessionStore::sweep). Each `create` uses only the time of its own
/// record, so a clock that jumped ahead briefly does no harm after it is corrected.
///
/// # Memory
///
/// A session needs about 225 bytes, plus its data. The data is shared with the [`Record`] and never copied. Freed
/// memory is kept for later sessions.
///
/// # Security
///
/// Visitors create sessions, so a store without a [limit](MemoryStore::with_limit) grows without bound.
#[derive(Clone)]
pub struct MemoryStore {
    inner: Arc<Inner>,
}

struct Inner {
    /// A lock from `std` instead of an async one, because it is held only briefly and never across an await, and taking
    /// it uncontended costs one atomic exchange. Each operation holds one lock at a time, except for `delete_owned_by`,
    /// which takes all of them in order.
    shards: Box<[Mutex<Shard>]>,
    /// The number of reserved places. The number is incremented before a record is inserted and decremented after a
    /// record is removed, so it never exceeds `limit`.
    live: AtomicUsize,
    limit: usize,
    /// The shard at which the next sweep begins, so that small sweeps reach every shard.
    next_swept: AtomicUsize,
}

const SHARDS: usize = 64;

/// The maximum number of expired records that one `create` removes.
const SWEPT_BY_CREATE: usize = 16;

/// The maximum number of records that one `create` examines to find expired ones.
///
/// With the default timeouts, a session in daily use is examined once per day, and therefore about thirty times before
/// its absolute timeout. Examining 64 records keeps up with any number of visitors.
const LOOKS_OF_CREATE: usize = 64;

/// The maximum number of records that a sweep examines before it releases the lock.
const LOOKS_AT_ONCE: usize = 256;

/// The maximum number of times that a page takes a lock. After many records have expired, most slots are vacant, and a
/// page that reaches this limit is returned with few records.
const HOLDS_OF_PAGE: usize = 2 * SHARDS;

impl MemoryStore {
    /// Creates an empty store that is limited only by memory and by a maximum of 268 million sessions.
    #[must_use]
    pub fn new() -> Self {
        Self::with_limit(SHARDS * Due::SLOTS)
    }

    /// Creates an empty store that holds at most `limit` sessions; 0 is treated as 1.
    ///
    /// A full store accepts a new session by evicting another one, and counts the eviction as
    /// [`evicted`](MemoryMetrics::evicted). It evicts a session with a logged-in user only if there are no guest
    /// sessions. Among the sessions in one shard (a 64th of the store), the one that expires first is evicted, which is
    /// roughly the least recently used one. A session takes 225 bytes plus its data.
    ///
    /// ```
    /// use hardtack_core::store::MemoryStore;
    ///
    /// let store = MemoryStore::with_limit(100_000);
    /// assert_eq!(store.metrics().evicted, 0);
    /// ```
    ///
    /// # Security
    ///
    /// The limit keeps a flood of visitors from exhausting memory. Such a flood evicts the sessions of other guests (a
    /// cart, a half-completed form), but logs no user out as long as the number of logged-in sessions is below the
    /// limit. Set the limit well above the number of users, and monitor [`evicted`](MemoryMetrics::evicted), which
    /// should be zero in normal operation.
    #[must_use]
    pub fn with_limit(limit: usize) -> Self {
        let owner_hasher = RandomState::new();
        let shards = (0..SHARDS).map(|_| Mutex::new(Shard::new(owner_hasher.clone()))).collect();
        let (live, next_swept) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Self { inner: Arc::new(Inner { shards, live, limit: limit.max(1), next_swept }) }
    }

    /// Returns the totals of this store so far.
    #[must_use]
    pub fn metrics(&self) -> MemoryMetrics {
        self.inner.shards.iter().fold(MemoryMetrics::default(), |sum, shard| {
            let metrics = lock(shard).metrics();
            sum.merged(&metrics)
        })
    }
}

impl SessionStore for MemoryStore {
    async fn load(&self, key: &StoreKey) -> Result<Option<Stored>, StoreError> {
        Ok(self.inner.shard(key).load(key))
    }

    async fn create(&self, key: &StoreKey, record: &Record) -> Result<Swap, StoreError> {
        Ok(self.inner.create(key, record))
    }

    async fn replace(&self, key: &StoreKey, expected: Version, record: &Record) -> Result<Swap, StoreError> {
        Ok(self.inner.shard(key).replace(key, expected, record))
    }

    async fn touch(
        &self,
        key: &StoreKey,
        expected: Version,
        last_seen: SystemTime,
        expires_at: SystemTime,
    ) -> Result<bool, StoreError> {
        Ok(self.inner.shard(key).touch(key, expected, last_seen.into(), expires_at.into()))
    }

    async fn delete(&self, key: &StoreKey, expected: Version) -> Result<bool, StoreError> {
        let deleted = self.inner.shard(key).delete(key, expected);
        self.inner.release(usize::from(deleted));
        Ok(deleted)
    }

    async fn owned_by(
        &self,
        purpose: &Purpose,
        owner: &Owner,
        after: Option<&StoreKey>,
        at_most: usize,
    ) -> Result<Vec<Summary>, StoreError> {
        Ok(self.inner.owned_by((purpose, owner), after, Page::size(at_most)))
    }

    async fn delete_owned_by(
        &self,
        purpose: &Purpose,
        owner: &Owner,
        spared: Option<&Lineage>,
    ) -> Result<u64, StoreError> {
        Ok(self.inner.delete_owned_by(purpose, owner, spared))
    }

    async fn sweep(&self, now: SystemTime, at_most: usize) -> Result<usize, StoreError> {
        Ok(self.inner.sweep(now.into(), at_most))
    }
}

impl SessionListing for MemoryStore {
    /// Returns each record once.
    async fn page(&self, after: Option<&Cursor>, at_most: usize) -> Result<Page, StoreError> {
        Ok(self.inner.page(Spot::after(after)?, Page::size(at_most)))
    }
}

impl Inner {
    fn create(&self, key: &StoreKey, record: &Record) -> Swap {
        // Try guests first. Other requests can change the shards in the meantime, so the loop alternates between the
        // two ranks until it succeeds.
        let mut evicted = Rank::Guests;
        loop {
            let mut shard = self.shard(key);
            if shard.refuses(key) {
                return Swap::Refused;
            }
            let swept = shard.sweep(record.last_seen.into(), SWEPT_BY_CREATE, LOOKS_OF_CREATE);
            self.release(swept.removed);
            let is_full = shard.len() >= Due::SLOTS;
            let has_room = !is_full && self.reserve();
            // The new record takes the place of the evicted one.
            if has_room || shard.evict(evicted, LOOKS_AT_ONCE) {
                return Swap::Done(shard.insert(key, record));
            }
            drop(shard);
            // Evicting from another shard makes room in the store, but not in this shard.
            let may_fit = !is_full && self.evict_anywhere(evicted, key);
            evicted = if may_fit { Rank::Guests } else { evicted.other() };
        }
    }

    fn owned_by(&self, whose: (&Purpose, &Owner), after: Option<&StoreKey>, size: usize) -> Vec<Summary> {
        let mut summaries = Vec::new();
        for shard in &self.shards {
            lock(shard).summaries(whose, after, &mut summaries);
            if summaries.len() > size {
                summaries.sort_unstable_by_key(|summary| summary.key);
                summaries.truncate(size);
            }
        }
        summaries.sort_unstable_by_key(|summary| summary.key);
        summaries
    }

    /// Holds every lock. Otherwise, a session could be missed when it moves to a new id, from a shard that has not been
    /// visited to one that has.
    fn delete_owned_by(&self, purpose: &Purpose, owner: &Owner, spared: Option<&Lineage>) -> u64 {
        let mut shards: Vec<MutexGuard<'_, Shard>> = self.shards.iter().map(lock).collect();
        let removed = shards.iter_mut().map(|shard| shard.delete_owned_by(purpose, owner, spared)).sum();
        self.release(removed);
        removed as u64
    }

    fn sweep(&self, now: Millis, at_most: usize) -> usize {
        let first = self.next_swept.fetch_add(1, Ordering::Relaxed);
        let mut removed = 0;
        for offset in 0..SHARDS {
            let shard = &self.shards[first.wrapping_add(offset) % SHARDS];
            let mut has_more = true;
            while has_more && removed < at_most {
                let swept = lock(shard).sweep(now, at_most - removed, LOOKS_AT_ONCE);
                self.release(swept.removed);
                removed += swept.removed;
                has_more = swept.has_more;
            }
        }
        removed
    }

    fn page(&self, mut from: Spot, size: usize) -> Page {
        let mut records = Vec::new();
        let mut holds = 0;
        while let Some(shard) = self.shards.get(usize::from(from.shard)) {
            if records.len() >= size || holds == HOLDS_OF_PAGE {
                return Page { records, next: Some(from.cursor()) };
            }
            holds += 1;
            from = match lock(shard).list(from.slot, size, LOOKS_AT_ONCE as u32, &mut records) {
                Some(slot) => Spot { slot, ..from },
                None => Spot { shard: from.shard + 1, slot: 0 },
            };
        }
        Page { records, next: None }
    }

    fn shard(&self, key: &StoreKey) -> MutexGuard<'_, Shard> {
        lock(&self.shards[key_bits(key) as usize % SHARDS])
    }

    /// Reserves a place for one more record. Returns whether there was a free place.
    fn reserve(&self) -> bool {
        self.live
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |live| {
                (live < self.limit).then_some(live + 1)
            })
            .is_ok()
    }

    fn release(&self, places: usize) {
        if places > 0 {
            self.live.fetch_sub(places, Ordering::Relaxed);
        }
    }

    /// Evicts from another shard. This is necessary if the store is full but the key's own shard has no session of this
    /// rank, which happens with a small limit or when nearly all sessions have an owner. The search begins after the
    /// key's shard, so that evictions are spread over all shards.
    fn evict_anywhere(&self, rank: Rank, key: &StoreKey) -> bool {
        let first = key_bits(key) as usize;
        let mut shards = (1..SHARDS).map(|offset| &self.shards[first.wrapping_add(offset) % SHARDS]);
        let is_evicted = shards.any(|shard| lock(shard).evict(rank, LOOKS_AT_ONCE));
        self.release(usize::from(is_evicted));
        is_evicted
    }
}

/// Locks a shard and ignores poisoning: code that holds the lock cannot panic halfway through a change, so the data is
/// still consistent.
fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore")
            .field("limit", &self.inner.limit)
            .field("metrics", &self.metrics())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;
    use crate::protocol::Login;

    /// Polls once, because no operation on this store ever waits.
    fn now<T>(future: impl Future<Output = Result<T, StoreError>>) -> T {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => result.unwrap(),
            Poll::Pending => panic!("the memory store waited"),
        }
    }

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_800_000_000 + seconds)
    }

    /// Varies the byte that selects the shard, the bytes that select the position, and the other bytes.
    fn key(number: u64) -> StoreKey {
        let mut bytes = [0; 32];
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = (number.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(index as u32 * 8) >> 56) as u8;
        }
        bytes[24..].copy_from_slice(&number.to_be_bytes());
        StoreKey::from_bytes(bytes)
    }

    /// Returns keys that all map to one shard.
    fn neighbour(number: u64) -> StoreKey {
        let mut bytes = *key(number).as_bytes();
        bytes[0] = 5;
        StoreKey::from_bytes(bytes)
    }

    fn record(expires: u64) -> Record {
        Record {
            purpose: Purpose::default(),
            data: b"data"[..].into(),
            login: None,
            label: Some("Firefox on Linux".into()),
            created_at: at(0),
            last_seen: at(0),
            expires_at: at(expires),
            deadline: at(1_000_000),
        }
    }

    fn login(owner: &str, lineage: u64) -> Login {
        let bytes = (u128::from(lineage) << 64).to_be_bytes();
        Login { owner: Owner::new(owner), lineage: Lineage::from_random(bytes) }
    }

    fn owned(owner: &str) -> Record {
        Record { login: Some(login(owner, 0)), ..record(60) }
    }

    fn end_others(store: &MemoryStore, owner: &str, spared: Option<u64>) -> u64 {
        let spared = spared.map(|lineage| login(owner, lineage).lineage);
        now(store.delete_owned_by(&Purpose::default(), &Owner::new(owner), spared.as_ref()))
    }

    fn create(store: &MemoryStore, key: &StoreKey, record: &Record) -> Version {
        match now(store.create(key, record)) {
            Swap::Done(version) => version,
            Swap::Refused => panic!("the key already exists"),
        }
    }

    fn keys_of(store: &MemoryStore, owner: &str) -> Vec<StoreKey> {
        let listed = now(store.owned_by(&Purpose::default(), &Owner::new(owner), None, Page::MAX_SIZE));
        listed.into_iter().map(|summary| summary.key).collect()
    }

    #[test]
    fn loads_what_was_created_without_copying_it() {
        let store = MemoryStore::new();
        let record = owned("ann");
        let version = create(&store, &key(1), &record);
        let stored = now(store.load(&key(1))).unwrap();
        assert_eq!(stored, Stored { record: record.clone(), version });
        assert!(Arc::ptr_eq(&stored.record.data, &record.data));
        assert_eq!(now(store.load(&key(2))), None);
    }

    #[test]
    fn create_never_overwrites_even_an_expired_record() {
        let store = MemoryStore::new();
        create(&store, &key(1), &record(1));
        let later = Record { last_seen: at(100), ..record(200) };
        assert_eq!(now(store.create(&key(1), &later)), Swap::Refused);
        assert_eq!(now(store.load(&key(1))).unwrap().record, record(1));
    }

    #[test]
    fn conditional_writes_name_the_version_and_never_insert() {
        let store = MemoryStore::new();
        let first = create(&store, &key(1), &record(60));
        let Swap::Done(second) = now(store.replace(&key(1), first, &record(70))) else {
            panic!("the version was right")
        };
        assert_ne!(first, second);
        assert_eq!(now(store.replace(&key(1), first, &record(80))), Swap::Refused);
        assert_eq!(now(store.replace(&key(2), second, &record(80))), Swap::Refused);
        assert!(!now(store.touch(&key(1), first, at(5), at(90))));
        assert!(now(store.touch(&key(1), second, at(5), at(90))));
        let touched = now(store.load(&key(1))).unwrap();
        assert_eq!(touched.version, second);
        assert_eq!(touched.record, Record { last_seen: at(5), ..record(90) });
        assert!(!now(store.delete(&key(1), first)));
        assert!(now(store.delete(&key(1), second)));
        assert_eq!(now(store.load(&key(1))), None);
        assert_eq!(store.metrics().refused, 4);
    }

    #[test]
    fn a_version_does_not_come_back_after_delete_and_create() {
        let store = MemoryStore::new();
        let mut seen = std::collections::HashSet::new();
        for _ in 0..100 {
            let version = create(&store, &key(1), &record(60));
            assert!(seen.insert(version));
            assert!(now(store.delete(&key(1), version)));
        }
    }

    #[test]
    fn sweep_takes_what_expired_and_no_more_than_asked() {
        let store = MemoryStore::new();
        for number in 0..3000 {
            create(&store, &key(number), &record(10 + number % 3));
        }
        assert_eq!(now(store.sweep(at(9), usize::MAX)), 0);
        assert_eq!(now(store.sweep(at(10), 0)), 0);
        assert_eq!(now(store.sweep(at(10), 7)), 7);
        assert_eq!(now(store.sweep(at(10), usize::MAX)), 993);
        assert_eq!(now(store.sweep(at(11), usize::MAX)), 1000);
        assert_eq!(store.metrics().live, 1000);
        assert_eq!(now(store.load(&key(2))).map(|stored| stored.record), Some(record(12)));
    }

    #[test]
    fn touched_records_outlive_their_first_expiry() {
        let store = MemoryStore::new();
        let version = create(&store, &key(1), &record(10));
        assert!(now(store.touch(&key(1), version, at(5), at(20))));
        assert_eq!(now(store.sweep(at(19), 10)), 0);
        assert_eq!(now(store.sweep(at(20), 10)), 1);
    }

    #[test]
    fn records_that_expire_sooner_than_they_did_are_swept_then() {
        let store = MemoryStore::new();
        let version = create(&store, &key(1), &record(100));
        assert!(now(store.touch(&key(1), version, at(5), at(200))));
        assert_ne!(now(store.replace(&key(1), version, &record(20))), Swap::Refused);
        assert_eq!(now(store.sweep(at(19), 10)), 0);
        assert_eq!(now(store.sweep(at(20), 10)), 1);
    }

    #[test]
    fn a_sweep_never_holds_a_lock_for_more_than_a_thousand_records() {
        let store = MemoryStore::new();
        for number in 0..5000 {
            create(&store, &neighbour(number), &record(10));
        }
        assert_eq!(now(store.sweep(at(10), usize::MAX)), 5000);
        assert_eq!(store.metrics().longest_sweep_hold, LOOKS_AT_ONCE as u64);
    }

    #[test]
    fn creating_sweeps_in_passing_by_the_new_records_time() {
        let store = MemoryStore::new();
        for number in 0..100 {
            create(&store, &neighbour(number), &record(10));
        }
        let later = Record { last_seen: at(10), ..record(100) };
        create(&store, &neighbour(100), &later);
        assert_eq!(store.metrics().swept, SWEPT_BY_CREATE as u64);
        for number in 101..110 {
            create(&store, &neighbour(number), &later);
        }
        assert_eq!(store.metrics().live, 10);
        assert_eq!(store.metrics().evicted, 0);
    }

    #[test]
    fn a_full_store_evicts_what_expires_first_and_counts_it() {
        let store = MemoryStore::with_limit(10);
        for number in 0..10 {
            create(&store, &neighbour(number), &record(100 - number));
        }
        assert_eq!(now(store.create(&neighbour(0), &record(60))), Swap::Refused);
        assert_eq!(store.metrics().evicted, 0);
        create(&store, &neighbour(10), &record(60));
        assert_eq!(now(store.load(&neighbour(9))), None);
        assert!(now(store.load(&neighbour(8))).is_some());
        let metrics = store.metrics();
        assert_eq!((metrics.live, metrics.evicted), (10, 1));
    }

    #[test]
    fn eviction_spares_what_was_used_since() {
        let store = MemoryStore::with_limit(1000);
        for number in 0..1000 {
            let version = create(&store, &neighbour(number), &record(10 + number));
            if number < 500 {
                assert!(now(store.touch(&neighbour(number), version, at(5), at(5000 + number))));
            }
        }
        // The first eviction examines 256 records that were all used in the meantime, and evicts the one that expires
        // first.
        for number in 1000..1004 {
            create(&store, &neighbour(number), &record(9000));
        }
        let gone: Vec<u64> =
            (0..1004).filter(|&number| now(store.load(&neighbour(number))).is_none()).collect();
        assert_eq!(gone, [0, 500, 501, 502]);
    }

    #[test]
    fn a_flood_of_guests_pushes_no_user_out() {
        let store = MemoryStore::with_limit(120);
        let users: Vec<StoreKey> = (0..100).map(key).collect();
        for (number, key) in users.iter().enumerate() {
            // Half of these users log in to an existing guest session. All of their sessions expire before any guest
            // session.
            if number % 2 == 0 {
                create(&store, key, &owned(&number.to_string()));
            } else {
                let version = create(&store, key, &record(50));
                let login = now(store.replace(key, version, &owned(&number.to_string())));
                assert_ne!(login, Swap::Refused);
            }
        }
        for number in 100..10_000 {
            create(&store, &key(number), &record(1000));
        }
        assert!(users.iter().all(|key| now(store.load(key)).is_some()));
        let metrics = store.metrics();
        assert_eq!((metrics.live, metrics.evicted), (120, 9880));
    }

    #[test]
    fn a_store_full_of_users_evicts_the_one_who_would_expire_first() {
        let store = MemoryStore::with_limit(10);
        for number in 0..10 {
            create(&store, &neighbour(number), &Record { expires_at: at(100 - number), ..owned("ann") });
        }
        create(&store, &neighbour(10), &owned("bob"));
        assert_eq!(now(store.load(&neighbour(9))), None);
        // A user's session that becomes a guest session after a logout is treated as a guest session.
        let version = now(store.load(&neighbour(0))).unwrap().version;
        assert_ne!(now(store.replace(&neighbour(0), version, &record(5000))), Swap::Refused);
        create(&store, &neighbour(11), &owned("bob"));
        assert_eq!(now(store.load(&neighbour(0))), None);
        // If the key's shard is empty, room is made elsewhere.
        create(&store, &key(12), &owned("bob"));
        let metrics = store.metrics();
        assert_eq!((metrics.live, metrics.evicted), (10, 3));
        assert!(now(store.load(&key(12))).is_some());
    }

    #[test]
    fn a_limit_holds_over_all_shards() {
        let store = MemoryStore::with_limit(3);
        for number in 0..500 {
            let version = create(&store, &key(number), &record(60));
            assert_eq!(store.metrics().live, (number + 1).min(3));
            assert_eq!(now(store.load(&key(number))).unwrap().version, version);
        }
        assert_eq!(store.metrics().evicted, 497);
    }

    #[test]
    fn an_owner_sees_and_ends_their_sessions_only() {
        let store = MemoryStore::new();
        for number in 0..100 {
            let login = login(if number % 2 == 0 { "ann" } else { "bob" }, number);
            create(&store, &key(number), &Record { login: Some(login), ..record(60) });
        }
        let anns: Vec<StoreKey> = keys_of(&store, "ann");
        let mut expected: Vec<StoreKey> = (0..100).step_by(2).map(key).collect();
        expected.sort();
        assert_eq!(anns, expected);
        assert_eq!(end_others(&store, "ann", Some(4)), 49);
        assert_eq!(keys_of(&store, "ann"), [key(4)]);
        assert_eq!(keys_of(&store, "bob").len(), 50);
        assert_eq!(end_others(&store, "nobody", None), 0);
    }

    #[test]
    fn replacing_moves_a_record_between_owners() {
        let store = MemoryStore::new();
        let mut version = create(&store, &key(1), &record(60));
        for (record, anns, bobs) in
            [(owned("ann"), 1, 0), (owned("ann"), 1, 0), (owned("bob"), 0, 1), (record(60), 0, 0)]
        {
            let Swap::Done(next) = now(store.replace(&key(1), version, &record)) else {
                panic!("the version was right")
            };
            version = next;
            assert_eq!((keys_of(&store, "ann").len(), keys_of(&store, "bob").len()), (anns, bobs));
        }
    }

    #[test]
    fn every_index_agrees_after_many_random_operations() {
        let store = MemoryStore::with_limit(150);
        let owners = [None, Some("ann"), Some("bob"), Some("cy")];
        let mut state = 7_u64;
        let mut random = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) % below
        };
        for step in 0..30_000 {
            let key = if random(2) == 0 { key(random(200)) } else { neighbour(random(200)) };
            let record = Record {
                login: owners[random(4) as usize].map(|owner| login(owner, step)),
                ..record(step + random(500))
            };
            let version = now(store.load(&key)).map(|stored| stored.version);
            match (random(4), version) {
                (_, None) => drop(create(&store, &key, &record)),
                (0, Some(version)) => assert!(now(store.delete(&key, version))),
                (1, Some(version)) => {
                    assert!(now(store.touch(&key, version, at(step), record.expires_at)));
                }
                (_, Some(version)) => {
                    assert_ne!(now(store.replace(&key, version, &record)), Swap::Refused);
                }
            }
            if step % 100 == 0 {
                now(store.sweep(at(step), 20));
            }
        }
        let keys: Vec<StoreKey> = (0..200).flat_map(|n| [key(n), neighbour(n)]).collect();
        let held: Vec<(StoreKey, Record)> =
            keys.into_iter().filter_map(|key| Some((key, now(store.load(&key))?.record))).collect();
        assert_eq!(held.len() as u64, store.metrics().live);
        for owner in ["ann", "bob", "cy"] {
            let mut expected: Vec<StoreKey> = held
                .iter()
                .filter(|(_, record)| record.owner().map(Owner::as_str) == Some(owner))
                .map(|(key, _)| *key)
                .collect();
            expected.sort();
            assert_eq!(keys_of(&store, owner), expected);
        }
        assert_eq!(now(store.sweep(at(u64::from(u32::MAX)), usize::MAX)), held.len());
        assert_eq!(store.metrics().live, 0);
    }

    #[test]
    fn one_of_many_racing_writers_wins() {
        let store = MemoryStore::new();
        let version = create(&store, &key(1), &record(60));
        let done: usize = std::thread::scope(|scope| {
            let racers: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| now(store.replace(&key(1), version, &record(60))) != Swap::Refused))
                .collect();
            racers.into_iter().map(|racer| usize::from(racer.join().unwrap())).sum()
        });
        assert_eq!(done, 1);
    }
}
