use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use hardtack_core::protocol::{Purpose, Record, StoreKey};
use hardtack_core::store::{SessionStore, StoreError, Swap};

/// The latency of a store's clients during a sweep, compared with their latency without a sweep.
#[derive(Debug)]
pub(crate) struct SweptBesideClients {
    /// The number of records swept.
    pub(crate) records: usize,
    /// The total number of records.
    pub(crate) of: u64,
    took: Duration,
    beside: Latency,
    without: Latency,
}

/// The latency of a load and a replacement together.
#[derive(Debug, Clone, Copy)]
struct Latency {
    count: usize,
    median: Duration,
    slow: Duration,
}

/// The number of clients.
const CLIENTS: u64 = 64;

/// Fills a store with `records` records, of which a third have expired. Then sweeps the expired records while 64
/// clients load and replace the others.
///
/// # Errors
///
/// Fails if the store fails.
pub(crate) async fn sweep_beside_clients<S: SessionStore + Clone>(
    store: S,
    records: u64,
) -> Result<SweptBesideClients, StoreError> {
    let filling = (0..CLIENTS).map(|client| tokio::spawn(fill(store.clone(), client, records)));
    for filled in filling.collect::<Vec<_>>() {
        filled.await.map_err(|error| StoreError::new("filling a store", error))??;
    }
    let alone = clients(&store, records, async |store: &S| {
        tokio::time::sleep(Duration::from_secs(1)).await;
        store.sweep(UNIX_EPOCH, 0).await
    });
    let (_, without) = alone.await?;
    let begun = Instant::now();
    let (swept, beside) =
        clients(&store, records, async |store: &S| store.sweep(now(), usize::MAX).await).await?;
    Ok(SweptBesideClients { records: swept, of: records, took: begun.elapsed(), beside, without })
}

/// Runs the clients until a concurrent operation is done. Returns the result of that operation, and the latency of the
/// clients.
async fn clients<S: SessionStore + Clone>(
    store: &S,
    records: u64,
    until: impl AsyncFnOnce(&S) -> Result<usize, StoreError>,
) -> Result<(usize, Latency), StoreError> {
    let is_over = Arc::new(AtomicBool::new(false));
    let working: Vec<_> = (0..CLIENTS)
        .map(|client| tokio::spawn(work(store.clone(), client, records, Arc::clone(&is_over))))
        .collect();
    let done = until(store).await;
    is_over.store(true, Ordering::Relaxed);
    let mut took = Vec::new();
    for client in working {
        took.extend(client.await.map_err(|error| StoreError::new("reading from a store", error))??);
    }
    took.sort();
    let (median, slow) = (took[took.len() / 2], took[took.len() * 99 / 100]);
    Ok((done?, Latency { count: took.len(), median, slow }))
}

async fn work<S: SessionStore>(
    store: S,
    client: u64,
    records: u64,
    is_over: Arc<AtomicBool>,
) -> Result<Vec<Duration>, StoreError> {
    let mut took = Vec::new();
    let own = (0..records).skip(usize::try_from(client).unwrap_or(0)).step_by(CLIENTS as usize);
    for number in own.filter(|number| !is_expired(*number)).cycle() {
        let begun = Instant::now();
        let stored =
            store.load(&key(number)).await?.ok_or_else(|| lost("a record that had not expired was swept"))?;
        if store.replace(&key(number), stored.version, &stored.record).await? == Swap::Refused {
            return Err(lost("a record was replaced by another client"));
        }
        took.push(begun.elapsed());
        if is_over.load(Ordering::Relaxed) {
            break;
        }
    }
    Ok(took)
}

async fn fill<S: SessionStore>(store: S, client: u64, records: u64) -> Result<(), StoreError> {
    for number in (client..records).step_by(CLIENTS as usize) {
        let expires_at = if is_expired(number) { now() } else { now() + Duration::from_secs(60) };
        let record = Record::new(Purpose::default(), [7; 200], UNIX_EPOCH)
            .expires_at(expires_at)
            .deadline(now() + Duration::from_secs(600));
        if store.create(&key(number), &record).await? == Swap::Refused {
            return Err(lost("a record already existed"));
        }
    }
    Ok(())
}

fn is_expired(number: u64) -> bool {
    number.is_multiple_of(3)
}

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

/// Returns a key whose bytes are distributed like those of a digest.
fn key(number: u64) -> StoreKey {
    let mut bytes = [0; StoreKey::LEN];
    for (place, word) in (1..).zip(bytes.chunks_exact_mut(8)) {
        let mut mixed = number.wrapping_mul(4).wrapping_add(place).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word.copy_from_slice(&(mixed ^ (mixed >> 31)).to_le_bytes());
    }
    StoreKey::from_bytes(bytes)
}

fn lost(what: &'static str) -> StoreError {
    StoreError::new("sweeping while clients run", what)
}

impl fmt::Display for SweptBesideClients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { records, of, took, beside, without } = self;
        let took = took.as_secs_f64();
        write!(
            f,
            "swept {records} of {of} in {took:.1} s; {CLIENTS} clients meanwhile: {beside}; without: {without}"
        )
    }
}

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [median, slow] = [self.median, self.slow].map(|time| time.as_secs_f64() * 1000.0);
        write!(f, "median {median:.1} ms, 99th percentile {slow:.1} ms of {}", self.count)
    }
}
