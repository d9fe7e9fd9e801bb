use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use hardtack_bench_load::Result;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Contender {
    Hardtack,
    TowerSessions,
}

/// A server in a separate process, which exits when this value is dropped.
pub(crate) struct ServerProcess {
    process: Child,
    port: u16,
}

impl Contender {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Hardtack => "hardtack",
            Self::TowerSessions => "tower-sessions",
        }
    }
}

impl ServerProcess {
    pub(crate) fn start(contender: Contender, url: &str) -> Result<Self> {
        let mut command = match contender {
            Contender::Hardtack => Command::new(std::env::current_exe()?),
            Contender::TowerSessions => Command::new("cargo"),
        };
        match contender {
            Contender::Hardtack => command.args(["serve", url]),
            Contender::TowerSessions => {
                let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../engines/Cargo.toml");
                command.args(["run", "--quiet", "--release", "--bin", "tower-server", "--manifest-path"]);
                command.arg(manifest).args(["--", url])
            }
        };
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().ok_or("the output is piped")?).read_line(&mut line)?;
        let port = line.trim().parse().map_err(|_| format!("{} did not start", contender.name()))?;
        Ok(Self { process, port })
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }
}

/// Closes the server's standard input, so that the server exits.
impl Drop for ServerProcess {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        drop(self.process.wait());
    }
}
