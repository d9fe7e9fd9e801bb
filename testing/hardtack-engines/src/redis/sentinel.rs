use crate::EngineError;
use crate::process::directory::EngineDirectory;
use crate::process::server_process::{PASSWORD, Retry, ServerProcess, free_port};
use crate::redis::node::{RedisNode, version, wait_until};

/// A Redis master and its replica, monitored by three Sentinels.
#[derive(Debug)]
pub struct RedisSentinel {
    sentinels: Vec<Sentinel>,
    nodes: Vec<RedisNode>,
    directory: EngineDirectory,
    version: String,
}

#[derive(Debug)]
struct Sentinel {
    port: u16,
    /// The process, which stops when this value is dropped.
    _server: ServerProcess,
}

const MASTER: &str = "hardtack";

impl RedisSentinel {
    /// Starts the servers, and waits until the Sentinels have discovered each other and the replica.
    ///
    /// # Errors
    ///
    /// Fails if Redis is not installed or the Sentinels do not agree. The error contains the output.
    pub fn start() -> Result<Self, EngineError> {
        let directory = EngineDirectory::new("redis")?;
        let version = version(&directory)?;
        let master = RedisNode::start(&directory, "first", &[])?;
        let follows = format!("replicaof 127.0.0.1 {}", master.port());
        let replica = RedisNode::start(&directory, "second", &[&follows])?;
        let mut sentinels = Vec::new();
        for number in 0..3 {
            sentinels.push(Sentinel::start(&directory, number, master.port())?);
        }
        let this = Self { sentinels, nodes: vec![master, replica], directory, version };
        wait_until("the Sentinels know each other", || {
            for sentinel in &this.sentinels {
                let output = this.ask(sentinel, &["SENTINEL", "MASTER", MASTER])?;
                let lines: Vec<&str> = output.lines().collect();
                let is = |name: &str, value: &str| lines.windows(2).any(|pair| pair == [name, value]);
                if !is("num-slaves", "1") || !is("num-other-sentinels", "2") || !is("flags", "master") {
                    return Ok(false);
                }
            }
            this.nodes[1]
                .command(&this.directory, &["ROLE"])
                .map(|role| role.lines().nth(3) == Some("connected"))
        })?;
        Ok(this)
    }

    /// Returns the URL of the Sentinels, with the servers' password: `redis-sentinel://…`.
    #[must_use]
    pub fn url(&self) -> String {
        let sentinels: Vec<String> =
            self.sentinels.iter().map(|sentinel| format!("127.0.0.1:{}", sentinel.port)).collect();
        format!("redis-sentinel://:{PASSWORD}@{}/{MASTER}", sentinels.join(","))
    }

    /// Returns the name and version, such as `Redis Sentinel 7.0.15`.
    #[must_use]
    pub fn version(&self) -> String {
        format!("Redis Sentinel {}", self.version)
    }

    /// Kills the master, and waits until the replica is promoted.
    ///
    /// # Errors
    ///
    /// Fails if the master cannot be killed, or this takes longer than five minutes.
    pub fn fail_over(&mut self) -> Result<(), EngineError> {
        let old = self.master_port()?;
        for node in &mut self.nodes {
            if node.port() == old {
                node.kill()?;
            }
        }
        wait_until("the replica is promoted", || {
            for sentinel in &self.sentinels {
                if self.port_at(sentinel)? == old {
                    return Ok(false);
                }
            }
            let promoted = self.nodes.iter().find(|node| node.is_running());
            promoted.map_or(Ok(false), |node| {
                node.command(&self.directory, &["ROLE"]).map(|role| role.starts_with("master"))
            })
        })
    }

    /// Restarts the killed server, which becomes the replica.
    ///
    /// # Errors
    ///
    /// Fails if a server does not start.
    pub fn restart(&mut self) -> Result<(), EngineError> {
        for node in &mut self.nodes {
            if !node.is_running() {
                node.launch(&self.directory, Retry::OnTheSamePort)?;
            }
        }
        Ok(())
    }

    fn master_port(&self) -> Result<u16, EngineError> {
        self.port_at(&self.sentinels[0])
    }

    fn port_at(&self, sentinel: &Sentinel) -> Result<u16, EngineError> {
        let output = self.ask(sentinel, &["SENTINEL", "GET-MASTER-ADDR-BY-NAME", MASTER])?;
        let port = output.lines().nth(1).and_then(|port| port.trim().parse().ok());
        port.ok_or_else(|| EngineError::new("asking a Sentinel", output.trim()))
    }

    fn ask(&self, sentinel: &Sentinel, words: &[&str]) -> Result<String, EngineError> {
        let port = sentinel.port.to_string();
        self.directory.run(std::process::Command::new("redis-cli").args(["-p", &port]).args(words))
    }
}

impl Sentinel {
    fn start(directory: &EngineDirectory, number: usize, master: u16) -> Result<Self, EngineError> {
        let (name, port) = (format!("sentinel{number}"), free_port()?);
        let file = directory.path().join(format!("{name}.conf"));
        let text = format!(
            "port {port}\nbind 127.0.0.1\ndir {}\nsentinel monitor {MASTER} 127.0.0.1 {master} 2\n\
             sentinel auth-pass {MASTER} {PASSWORD}\nsentinel down-after-milliseconds {MASTER} 1000\n\
             sentinel failover-timeout {MASTER} 3000\n",
            directory.path().display()
        );
        // Sentinel writes to its configuration file, so the file must belong to the servers' user.
        directory.run(directory.command("sh").args(["-c", r#"printf %s "$0" >"$1""#, &text]).arg(&file))?;
        let mut command = directory.command("redis-server");
        command.arg(&file).args(["--sentinel", "--set-proc-title", "no"]);
        let server = ServerProcess::start(directory, &name, &command, |log| log.contains("Sentinel ID is"))?;
        Ok(Self { port, _server: server })
    }
}
