use std::sync::Arc;

use redis::{Cmd, ErrorKind, RedisResult, ServerErrorKind, Value};

use crate::address::Address;
use crate::cluster::{Cluster, Masters};
use crate::options::RedisOptions;
use crate::script::Script;
use crate::server::{Kind, Place, Server, Settings};

/// The way to the sessions: one server, or the nodes of a cluster.
#[derive(Debug, Clone)]
pub(crate) enum Link {
    Server(Arc<Server>),
    Cluster(Cluster),
}

impl Link {
    pub(crate) fn new(address: Address, options: &RedisOptions) -> Self {
        let settings = Settings::new(options);
        let place = match address {
            Address::Cluster(seeds) => return Self::Cluster(Cluster::new(seeds, settings)),
            Address::Server(info) => Place::Fixed(info),
            Address::Sentinel { sentinels, name, master } => Place::Master { sentinels, name, master },
        };
        Self::Server(Arc::new(Server::new(place, settings)))
    }

    /// Connects, so that a mistake in an address is found at once.
    pub(crate) async fn check(&self) -> RedisResult<()> {
        match self {
            Self::Server(server) => server.send(&redis::cmd("PING"), Kind::Read).await.map(drop),
            Self::Cluster(cluster) => cluster.refresh().await,
        }
    }

    /// Whether one script may use several keys.
    pub(crate) fn holds_all_keys(&self) -> bool {
        matches!(self, Self::Server(_))
    }

    /// Sends a command that changes nothing. Where the connection turns out to be broken it is sent once more: a
    /// server that was restarted is then found again without anyone noticing.
    pub(crate) async fn read(&self, key: &[u8], command: &Cmd) -> RedisResult<Value> {
        match self.send(key, command, Kind::Read).await {
            Err(error) if error.is_connection_dropped() => self.send(key, command, Kind::Read).await,
            answer => answer,
        }
    }

    /// Runs a script on `keys`, of which the first decides where. It is sent once, but for a server that does not know
    /// it, and so has done nothing: that gets the whole of it.
    pub(crate) async fn run(
        &self,
        script: &Script,
        keys: &[&[u8]],
        arguments: &[&[u8]],
        kind: Kind,
    ) -> RedisResult<Value> {
        let command = |name: &str, script: &str| {
            let mut command = redis::cmd(name);
            command.arg(script).arg(keys.len()).arg(keys).arg(arguments);
            command
        };
        match self.send(keys[0], &command("EVALSHA", &script.digest), kind).await {
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                self.send(keys[0], &command("EVAL", script.code), kind).await
            }
            answer => answer,
        }
    }

    /// Sends a command to whoever holds `key`. It is never sent twice where it may have been applied.
    pub(crate) async fn send(&self, key: &[u8], command: &Cmd, kind: Kind) -> RedisResult<Value> {
        match self {
            Self::Server(server) => server.send(command, kind).await,
            Self::Cluster(cluster) => cluster.send(key, command, kind).await,
        }
    }

    /// All servers that hold keys.
    pub(crate) async fn masters(&self) -> RedisResult<Masters> {
        match self {
            Self::Server(server) => Ok(Masters { servers: vec![Arc::clone(server)], layout: 0 }),
            Self::Cluster(cluster) => cluster.masters().await,
        }
    }
}
