use std::time::Duration;

use hardtack_sql::Settings;

/// How a [`PostgresStore`](crate::PostgresStore) is to be connected. Begin with
/// [`PostgresStore::options`](crate::PostgresStore::options).
///
/// ```no_run
/// # async fn run() -> Result<(), hardtack_core::store::StoreError> {
/// use hardtack_postgres::PostgresStore;
/// use std::time::Duration;
///
/// let store = PostgresStore::options()
///     .table("app.sessions")
///     .readers(4)
///     .timeout(Duration::from_secs(2))
///     .connect("postgres://app:secret@db.example.com/app?sslmode=require")
///     .await?;
/// assert_eq!(store.counters().failed, 0);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "options connect nothing until `connect` is called"]
pub struct PostgresOptions {
    pub(crate) settings: Settings,
    pub(crate) table: String,
}

impl PostgresOptions {
    pub(crate) fn new() -> Self {
        Self { settings: Settings::default(), table: "hardtack_session".to_owned() }
    }

    /// Sets the table's name, with a schema before it if you like; `hardtack_session` by default.
    ///
    /// Letters, digits and underscores, taken as they are. A second, small table of this name and `_schema` tells the
    /// version of the first.
    pub fn table(mut self, name: impl Into<String>) -> Self {
        self.table = name.into();
        self
    }

    /// Sets how many connections read; 2 by default, and never less than one.
    ///
    /// Requests that wait for one connection go together, so a few are enough: more of them help a server with many
    /// processors, and cost it memory.
    pub fn readers(mut self, count: usize) -> Self {
        self.settings.readers = count.max(1);
        self
    }

    /// Sets how many connections write; 1 by default, and never less than one. All that waits goes as one group with one
    /// wait for the server's disk, and the larger the groups, the less each write costs. A second connection helps where
    /// one processor of the server is too little for the writes of this program.
    pub fn writers(mut self, count: usize) -> Self {
        self.settings.writers = count.max(1);
        self
    }

    /// Sets how long connecting may take, and how long an answer; 10 s by default. Then the connection is given up, and
    /// what waited for it fails: of a write nobody knows whether it was applied.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.settings.timeout = timeout;
        self
    }

    /// Sets how often the store removes expired records by itself; once a minute by default.
    ///
    /// It goes by the `last_seen` of the record written last, never by a clock of its own or the server's, and in steps
    /// of a few hundred records that wait for nobody. Of several programs at one table each sweeps, and passes over
    /// what another has in hand.
    pub fn sweep_interval(mut self, interval: Duration) -> Self {
        self.settings.sweep_interval = Some(interval);
        self
    }

    /// Lets expired records lie until [`sweep`](hardtack_core::store::SessionStore::sweep) is called, by a job of your
    /// own.
    pub fn without_sweeping(mut self) -> Self {
        self.settings.sweep_interval = None;
        self
    }
}
