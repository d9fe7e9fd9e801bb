use std::slice;
use std::sync::Arc;

use redis::{Cmd, RedisResult, Value};

use crate::address::Address;
use crate::change::Change;
use crate::cluster::{Cluster, Masters};
use crate::lane::Lane;
use crate::load::Load;
use crate::options::RedisOptions;
use crate::script::{Call, Script};
use crate::server::{Kind, Place, Server, answered};
use crate::settings::Settings;

/// The connection to the sessions: one server, or the nodes of a cluster.
#[derive(Debug, Clone)]
pub(crate) enum Link {
    Server(Arc<Lanes>),
    Cluster(Cluster),
}

/// One server, with queues for the most frequent requests.
#[derive(Debug)]
pub(crate) struct Lanes {
    server: Arc<Server>,
    loads: Lane<Load>,
    changes: Lane<Change>,
}

impl Link {
    pub(crate) fn new(address: Address, options: &RedisOptions) -> Self {
        let settings = Settings::new(options);
        let place = match address {
            Address::Cluster(seeds) => return Self::Cluster(Cluster::new(seeds, settings)),
            Address::Server(info) => Place::Fixed(info),
            Address::Sentinel { sentinels, name, master } => Place::Master { sentinels, name, master },
        };
        let server = Arc::new(Server::new(place, settings));
        Self::Server(Arc::new(Lanes { loads: Lane::to(&server), changes: Lane::to(&server), server }))
    }

    /// Connects, so that a wrong address is detected immediately.
    pub(crate) async fn check(&self) -> RedisResult<()> {
        match self {
            Self::Server(lanes) => lanes.server.send(&redis::cmd("PING"), Kind::Read).await.map(drop),
            Self::Cluster(cluster) => cluster.refresh().await,
        }
    }

    /// Checks whether one script may use several keys.
    pub(crate) fn holds_all_keys(&self) -> bool {
        matches!(self, Self::Server(_))
    }

    /// Sends a read-only command, and retries it once if the connection turns out to be broken, so that the restart of
    /// a server goes unnoticed.
    pub(crate) async fn read(&self, key: &[u8], command: &Cmd) -> RedisResult<Value> {
        match self.send(key, command, Kind::Read).await {
            Err(error) if error.is_connection_dropped() => self.send(key, command, Kind::Read).await,
            answer => answer,
        }
    }

    /// Reads a record.
    pub(crate) async fn load(&self, load: Load) -> RedisResult<Value> {
        match self {
            Self::Server(lanes) => lanes.loads.ask(load).await,
            Self::Cluster(_) => self.read(load.key(), &load.command()).await,
        }
    }

    /// Changes a record.
    pub(crate) async fn change(&self, change: Change) -> RedisResult<Value> {
        match self {
            Self::Server(lanes) => lanes.changes.ask(change).await,
            Self::Cluster(_) => {
                let answers = self.call(Change::call(slice::from_ref(&change)), Kind::Write).await?;
                Change::answers(answers).pop().unwrap_or_else(|| answered(None))
            }
        }
    }

    /// Runs a script on `keys`; the first one selects the server. It is sent only once.
    pub(crate) async fn run(
        &self,
        script: &'static Script,
        keys: &[&[u8]],
        arguments: &[&[u8]],
        kind: Kind,
    ) -> RedisResult<Value> {
        self.call(Call::new(script, keys.to_vec(), arguments.to_vec()), kind).await
    }

    async fn call(&self, call: Call<'_>, kind: Kind) -> RedisResult<Value> {
        let key = call.keys[0];
        call.run(|command| async move { self.send(key, &command, kind).await }).await
    }

    /// Sends a command to the server that stores `key`. A command that may have been applied is never sent again.
    pub(crate) async fn send(&self, key: &[u8], command: &Cmd, kind: Kind) -> RedisResult<Value> {
        match self {
            Self::Server(lanes) => lanes.server.send(command, kind).await,
            Self::Cluster(cluster) => cluster.send(key, command, kind).await,
        }
    }

    /// Returns all servers that store keys.
    pub(crate) async fn masters(&self) -> RedisResult<Masters> {
        match self {
            Self::Server(lanes) => Ok(Masters { servers: vec![Arc::clone(&lanes.server)], layout: 0 }),
            Self::Cluster(cluster) => cluster.masters().await,
        }
    }
}
