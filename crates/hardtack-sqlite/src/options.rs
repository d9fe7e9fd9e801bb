use std::thread;
use std::time::Duration;

/// How a [`SqliteStore`](crate::SqliteStore) is to be opened. Begin with
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
/// assert_eq!(store.counters().writes, 0);
/// # Ok::<(), hardtack_core::store::StoreError>(())
/// # })?;
/// # Ok::<(), hardtack_core::store::StoreError>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "options open nothing until `open` is called"]
pub struct SqliteOptions {
    pub(crate) durability: Durability,
    pub(crate) reads: Reads,
    pub(crate) readers: usize,
    pub(crate) busy_timeout: Duration,
    pub(crate) sweep_interval: Option<Duration>,
}

/// What an acknowledged write has survived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// The machine losing its power: the disk has confirmed every acknowledged write (`synchronous = FULL`).
    #[default]
    Full,
    /// The process being killed, not the machine losing its power: then the last seconds of acknowledged writes may be
    /// lost, though the file is never corrupt (`synchronous = NORMAL`).
    Normal,
}

/// Where reading is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reads {
    /// On the thread that polls: microseconds while the file is in the system's cache, and much cheaper than a change
    /// of threads. A page that must come from the disk blocks that thread for as long as the disk takes.
    #[default]
    Inline,
    /// On threads of the store's own, one for each reader: for files larger than memory, or slow disks.
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

    /// Sets what an acknowledged write has survived; [`Durability::Full`] by default, because a lost session is a lost
    /// shopping cart. Groups make its price small: many writes share one wait for the disk.
    pub fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// Sets where reading is done; [`Reads::Inline`] by default.
    pub fn reads(mut self, reads: Reads) -> Self {
        self.reads = reads;
        self
    }

    /// Sets how many connections read; by default one for each processor, at most 16, and never less than one. Each
    /// costs three open files and up to 2 MB of memory.
    pub fn readers(mut self, count: usize) -> Self {
        self.readers = count.max(1);
        self
    }

    /// Sets how long an operation waits for another process that writes to the same file, before it fails; 5 s by
    /// default.
    pub fn busy_timeout(mut self, timeout: Duration) -> Self {
        self.busy_timeout = timeout;
        self
    }

    /// Sets how often the store removes expired records by itself; once a minute by default.
    ///
    /// It goes by the `last_seen` of the record written last, or by the machine's clock if that is behind: so a process
    /// whose clock is ahead ends nobody's session. It takes steps of a few hundred records that let writes go first.
    pub fn sweep_interval(mut self, interval: Duration) -> Self {
        self.sweep_interval = Some(interval);
        self
    }

    /// Lets expired records lie until [`sweep`](hardtack_core::store::SessionStore::sweep) is called, by a job of your
    /// own.
    pub fn without_sweeping(mut self) -> Self {
        self.sweep_interval = None;
        self
    }
}
