use std::fmt;

/// The kind of storage behind a session store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Engine {
    /// The memory of this process. Its sessions are lost when the process ends.
    Memory,
    /// A file on this machine.
    Sqlite,
    /// A PostgreSQL server, or a server compatible with it.
    Postgres,
    /// A MySQL or MariaDB server.
    MySql,
    /// A Redis or Valkey server, a master monitored by Sentinels, or a Cluster.
    Redis,
}

/// Writes the engine's display name.
impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Memory => "memory",
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
            Self::MySql => "MySQL",
            Self::Redis => "Redis",
        })
    }
}
