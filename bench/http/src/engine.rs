use hardtack_bench_load::Result;
use hardtack_engines::{MariaDb, Postgres, Redis};
use tempfile::TempDir;

use crate::server_process::Contender;

/// An engine with durable settings, which stores the contenders' sessions.
pub(crate) enum Engine {
    /// A folder with a file for each contender.
    Sqlite(TempDir),
    Postgres(Postgres),
    MariaDb(MariaDb),
    Redis(Redis),
}

impl Engine {
    pub(crate) fn start(name: &str) -> Result<Self> {
        Ok(match name {
            "sqlite" => Self::Sqlite(TempDir::new()?),
            "postgres" => Self::Postgres(Postgres::start_with(&["shared_buffers=1GB"])?),
            "mariadb" => Self::MariaDb(MariaDb::start_with(&["innodb_buffer_pool_size=1G"])?),
            "redis" => Self::Redis(Redis::start()?),
            _ => {
                return Err(
                    format!("unknown engine {name}: use one of sqlite, postgres, mariadb, redis").into()
                );
            }
        })
    }

    /// Returns the engine's name and durability settings, and the version of a server.
    pub(crate) fn title(&self) -> String {
        match self {
            Self::Sqlite(_) => "SQLite, synchronous=FULL".to_owned(),
            Self::Postgres(engine) => format!("{}, fsync", engine.version()),
            Self::MariaDb(engine) => format!("{}, flush at commit", engine.version()),
            Self::Redis(engine) => format!("{}, appendfsync everysec", engine.version()),
        }
    }

    pub(crate) fn url(&self, contender: Contender) -> String {
        match self {
            Self::Sqlite(folder) => format!("sqlite:{}", folder.path().join(contender.name()).display()),
            Self::Postgres(engine) => engine.url(),
            Self::MariaDb(engine) => engine.url(),
            Self::Redis(engine) => engine.url(),
        }
    }

    /// Returns the server's port, or `None` for a file.
    pub(crate) fn port(&self) -> Option<u16> {
        if matches!(self, Self::Sqlite(_)) {
            return None;
        }
        let url = self.url(Contender::Hardtack);
        url.rsplit(':').next()?.split('/').next()?.parse().ok()
    }
}
