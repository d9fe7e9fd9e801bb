use std::process::Command;

use crate::EngineError;
use crate::process::directory::EngineDirectory;
use crate::process::server_process::{PASSWORD, Retry, free_port};
use crate::redis::node::{RedisNode, version, wait_until};

/// A Redis Cluster of six servers: three masters, each with one replica.
#[derive(Debug)]
pub struct RedisCluster {
    nodes: Vec<RedisNode>,
    directory: EngineDirectory,
    version: String,
}

const NODES: usize = 6;

impl RedisCluster {
    /// Starts a cluster, and waits until all servers agree on the slot assignment and the replicas have their masters'
    /// data.
    ///
    /// # Errors
    ///
    /// Fails if Redis is not installed or the cluster does not form. The error contains the output.
    pub fn start() -> Result<Self, EngineError> {
        Self::start_with(&[])
    }

    /// Starts a cluster with settings for each server, such as `"min-replicas-to-write 1"`.
    ///
    /// # Errors
    ///
    /// Fails in the same cases as [`start`](Self::start).
    pub fn start_with(settings: &[&str]) -> Result<Self, EngineError> {
        let directory = EngineDirectory::new("redis")?;
        let version = version(&directory)?;
        let mut nodes = Vec::with_capacity(NODES);
        for number in 0..NODES {
            // By default, the port of the cluster bus is the server's port plus 10,000, which may be in use.
            let bus = format!("cluster-port {}", free_port()?);
            let mut all = vec!["cluster-enabled yes", "cluster-node-timeout 1000", &bus];
            all.extend(settings);
            nodes.push(RedisNode::start(&directory, &format!("node{number}"), &all)?);
        }
        let this = Self { nodes, directory, version };
        let mut create = Command::new("redis-cli");
        create.args(["-a", PASSWORD, "--no-auth-warning", "--cluster", "create"]);
        create.args(this.nodes.iter().map(|node| format!("127.0.0.1:{}", node.port())));
        this.directory.run(create.args(["--cluster-replicas", "1", "--cluster-yes"]))?;
        this.wait_until_whole()?;
        Ok(this)
    }

    /// Returns the URL of three of the servers, with their password: `redis-cluster://…`.
    #[must_use]
    pub fn url(&self) -> String {
        let nodes: Vec<String> =
            self.nodes.iter().take(3).map(|node| format!("127.0.0.1:{}", node.port())).collect();
        format!("redis-cluster://:{PASSWORD}@{}", nodes.join(","))
    }

    /// Returns the cluster's name and version, such as `Redis Cluster 7.0.15`.
    #[must_use]
    pub fn version(&self) -> String {
        format!("Redis Cluster {}", self.version)
    }

    /// Returns the number of servers.
    #[must_use]
    pub fn nodes(&self) -> usize {
        self.nodes.len()
    }

    /// Returns the port of a server.
    #[must_use]
    pub fn port(&self, node: usize) -> u16 {
        self.nodes[node].port()
    }

    /// Runs a command on a server with `redis-cli`.
    ///
    /// # Errors
    ///
    /// Fails if the server does not respond.
    pub fn command(&self, node: usize, words: &[&str]) -> Result<String, EngineError> {
        self.nodes[node].command(&self.directory, words)
    }

    /// Kills the master of a slot, and returns its index. Does not wait for the promotion of the replica.
    ///
    /// # Errors
    ///
    /// Fails if the slot has no master, or the master cannot be killed.
    pub fn kill_master_of(&mut self, slot: u16) -> Result<usize, EngineError> {
        let master = self
            .master_of(slot)?
            .ok_or_else(|| EngineError::new("killing a master", "no node serves the slot"))?;
        self.nodes[master].kill()?;
        Ok(master)
    }

    /// Waits until a server other than `dead` is the master of the slot, and the whole cluster works again.
    ///
    /// # Errors
    ///
    /// Fails if this takes longer than five minutes.
    pub fn wait_for_promotion(&self, slot: u16, dead: usize) -> Result<(), EngineError> {
        wait_until("a replica is promoted", || {
            Ok(self.master_of(slot)?.is_some_and(|master| master != dead) && self.is_working()?)
        })
    }

    /// Restarts the killed servers, and waits until every master has its replica again.
    ///
    /// # Errors
    ///
    /// Fails if a server does not start, or this takes longer than five minutes.
    pub fn restart(&mut self) -> Result<(), EngineError> {
        for node in &mut self.nodes {
            if !node.is_running() {
                node.launch(&self.directory, Retry::OnTheSamePort)?;
            }
        }
        self.wait_until_whole()
    }

    /// Waits until all running servers report that the cluster works, and every replica has its master's data.
    fn wait_until_whole(&self) -> Result<(), EngineError> {
        wait_until("the cluster is complete", || {
            if !self.is_working()? {
                return Ok(false);
            }
            let mut replicas = 0;
            for node in self.running() {
                let role = node.command(&self.directory, &["ROLE"])?;
                let is_synchronised = role.lines().nth(3) == Some("connected");
                replicas += usize::from(role.starts_with("slave") && is_synchronised);
            }
            Ok(replicas == NODES / 2)
        })
    }

    fn is_working(&self) -> Result<bool, EngineError> {
        for node in self.running() {
            let info = node.command(&self.directory, &["CLUSTER", "INFO"])?;
            if !info.contains("cluster_state:ok") || !info.contains("cluster_slots_ok:16384") {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Returns the index of a slot's master, according to the first running server.
    fn master_of(&self, slot: u16) -> Result<Option<usize>, EngineError> {
        let Some(asked) = self.running().next() else { return Ok(None) };
        let nodes = asked.command(&self.directory, &["CLUSTER", "NODES"])?;
        // Each line has the form `<id> <ip:port@bus> <flags> <master> <ping> <pong> <epoch> <link> <slot> <from-to> …`.
        let keeps = |words: &[&str]| {
            words.iter().skip(8).any(|range| {
                let (from, to) = range.split_once('-').unwrap_or((range, range));
                matches!((from.parse::<u16>(), to.parse::<u16>()), (Ok(from), Ok(to)) if (from..=to).contains(&slot))
            })
        };
        let port = nodes.lines().find_map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let is_master = words.get(2)?.contains("master") && !words[2].contains("fail");
            let port = words[1].split(['@', ':']).nth(1)?.parse::<u16>().ok()?;
            (is_master && keeps(&words)).then_some(port)
        });
        Ok(port.and_then(|port| self.nodes.iter().position(|node| node.port() == port)))
    }

    fn running(&self) -> impl Iterator<Item = &RedisNode> {
        self.nodes.iter().filter(|node| node.is_running())
    }
}
