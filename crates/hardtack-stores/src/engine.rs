use std::fmt;

/// What sessions lie in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Engine {
    /// The memory of this process: gone when it ends.
    Memory,
    /// A file of this machine.
    Sqlite,
    /// A PostgreSQL server, or one that speaks its language.
    Postgres,
    /// A MySQL or MariaDB server.
    MySql,
    /// A Redis or Valkey server, a master that Sentinels watch, or a Cluster.
    Redis,
}

/// As a person would call it.
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
