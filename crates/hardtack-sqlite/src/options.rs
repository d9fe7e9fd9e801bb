use std::thread;
use std::time::Duration;

/// The options for opening a [`SqliteStore`](crate::SqliteStore), created by
/// [`SqliteStore::options`](crate::SqliteStore::options).
///
/// ```
/// # pollster::block_on(async {
/// use hardtack_sqlite::{Durability, Reads, SqliteStore};
/// use std::time::Duration;
///
/// let store = SqliteStore::options()
///     .durability(Durability::Normal)
///     .reads(Reads::Threads)
///     .readers(4)
///     .busy_timeout(Duration::from_secs(2))
///     .in_memory()
///     .await?;
/// assert_eq!(store.metrics().writes, 0);
/// # Ok::<(), hardtack_core::store::StoreError>(())
/// # })?;
/// # Ok::<(), hardtack_core::store::StoreError>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "options have no effect until `open` is called"]
pub struct SqliteOptions {
    pub(crate) durability: Durability,
    pub(crate) reads: Reads,
    pub(crate) readers: usize,
    pub(crate) busy_timeout: Duration,
    pub(crate) sweep_interval: Option<Duration>,
}

/// The failures that an acknowledged write survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// Acknowledged writes survive a power failure, because the disk has confirmed them (`synchronous = FULL`).
    #[default]
    Full,
    /// Acknowledged writes survive if the process is killed. A power failure may lose the last seconds of acknowledged
    /// writes, but never corrupts the file (`synchronous = NORMAL`).
    Normal,
}

/// The threads on which reads run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reads {
    /// Reads run on the calling thread. A read takes microseconds while the file is in the page cache, which is much
    /// cheaper than switching threads. A page that must come from the disk blocks the calling thread for as long as the
    /// disk takes.
    #[default]
    Inline,
    /// Reads run on the store's own threads, one per reader. Use this for files larger than memory, or for slow disks.
    Threads,
}

impl SqliteOptions {
    pub(crate) fn new() -> Self {
        Self {
            durability: Durability::default(),
            reads: Reads::default(),
            readers: thread::available_parallelism().map_or(1, usize::from).min(16),
            busy_timeout: Duration::from_secs(5),
            sweep_interval: Some(Duration::from_secs(60)),
        }
    }

    /// Sets the failures that an acknowledged write survives; [`Durability::Full`] by default, because a lost session
    /// is a lost shopping cart. Batching keeps the cost small: many writes share one disk sync.
    pub fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// Sets the threads on which reads run; [`Reads::Inline`] by default.
    pub fn reads(mut self, reads: Reads) -> Self {
        self.reads = reads;
        self
    }

    /// Sets the number of connections for reading; by default one per processor, up to 16. The minimum is 1. Each
    /// connection uses three open files and up to 2 MB of memory.
    pub fn readers(mut self, count: usize) -> Self {
        self.readers = count.max(1);
        self
    }

    /// Sets how long an operation waits for another process that is writing to the same file before it fails; 5 s by
    /// default.
    pub fn busy_timeout(mut self, timeout: Duration) -> Self {
        self.busy_timeout = timeout;
        self
    }

    /// Sets how often the store removes expired records; once a minute by default.
    ///
    /// The sweep removes records that have expired by the `last_seen` time of the most recently written record, or by
    /// the system clock if that is earlier. A process whose clock is ahead therefore does not end sessions early. The
    /// sweep examines a few hundred records per step, and waiting writes run between the steps.
    pub fn sweep_interval(mut self, interval: Duration) -> Self {
        self.sweep_interval = Some(interval);
        self
    }

    /// Disables the automatic sweep. Expired records stay in the file until your program calls
    /// [`sweep`](hardtack_core::store::SessionStore::sweep).
    pub fn without_sweeping(mut self) -> Self {
        self.sweep_interval = None;
        self
    }
}
