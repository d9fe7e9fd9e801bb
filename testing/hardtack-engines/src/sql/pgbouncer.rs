use std::fs;

use crate::EngineError;
use crate::process::directory::EngineDirectory;
use crate::process::server_process::{PASSWORD, ServerProcess, free_port};
use crate::sql::database::DatabaseProgram;
use crate::sql::postgres::{Postgres, PostgresProgram};

/// PgBouncer in front of a PostgreSQL server, with three connections that transactions use in turn.
#[derive(Debug)]
pub struct PgBouncer {
    port: u16,
    version: String,
    /// The process, which must stop before its directory is removed.
    _server: ServerProcess,
    _home: EngineDirectory,
}

impl PgBouncer {
    /// Starts PgBouncer.
    ///
    /// # Errors
    ///
    /// Fails if PgBouncer is not installed or does not start. The error contains its output.
    pub fn start(database: &Postgres) -> Result<Self, EngineError> {
        let failed = |error: std::io::Error| EngineError::new("writing PgBouncer's settings", error);
        let directory = EngineDirectory::new("postgres")?;
        let output = directory
            .run(directory.command("pgbouncer").arg("--version"))
            .map_err(|error| EngineError::new("looking for PgBouncer", error))?;
        let version = output.split_whitespace().nth(1).unwrap_or("(unknown version)").to_owned();
        let port = free_port()?;
        let (users, settings) = (directory.path().join("users"), directory.path().join("settings"));
        fs::write(&users, format!("\"hardtack\" \"{PASSWORD}\"\n")).map_err(failed)?;
        let text = format!(
            "[databases]\n* = host=127.0.0.1 port={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
             unix_socket_dir =\nauth_type = scram-sha-256\nauth_file = {}\npool_mode = transaction\n\
             default_pool_size = 3\nmin_pool_size = 3\nserver_round_robin = 1\n",
            database.port(),
            users.display()
        );
        fs::write(&settings, text).map_err(failed)?;
        let mut command = directory.command("pgbouncer");
        command.arg(&settings);
        let server =
            ServerProcess::start(&directory, "pgbouncer", &command, |log| log.contains("process up"))?;
        Ok(Self { port, version, _server: server, _home: directory })
    }

    /// Returns the URL of the database through PgBouncer.
    #[must_use]
    pub fn url(&self) -> String {
        PostgresProgram::url(self.port)
    }

    /// Returns PgBouncer's name and version, such as `PgBouncer 1.18.0`.
    #[must_use]
    pub fn version(&self) -> String {
        format!("PgBouncer {}", self.version)
    }
}
