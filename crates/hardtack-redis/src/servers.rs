use std::slice;
use std::sync::Arc;

use redis::{Cmd, RedisResult, Value};

use crate::connection::ConnectionSettings;
use crate::connection::address::Address;
use crate::connection::cluster::{Cluster, Masters};
use crate::connection::server::{CommandKind, Server, ServerAddress, check_reply};
use crate::options::RedisOptions;
use crate::request::change::Change;
use crate::request::load::Load;
use crate::request::request_queue::RequestQueue;
use crate::request::script::{Script, ScriptCall};

/// The connections to the servers that store the sessions: one server, or the nodes of a cluster.
#[derive(Debug, Clone)]
pub(crate) enum Servers {
    Server(Arc<BatchedServer>),
    Cluster(Cluster),
}

/// One server, with queues for the most frequent requests.
#[derive(Debug)]
pub(crate) struct BatchedServer {
    server: Arc<Server>,
    loads: RequestQueue<Load>,
    changes: RequestQueue<Change>,
}

impl Servers {
    pub(crate) fn new(address: Address, options: &RedisOptions) -> Self {
        let settings = ConnectionSettings::new(options);
        let address = match address {
            Address::Cluster(seeds) => return Self::Cluster(Cluster::new(seeds, settings)),
            Address::Server(info) => ServerAddress::Fixed(info),
            Address::Sentinel { sentinels, name, master } => {
                ServerAddress::Sentinel { sentinels, name, master }
            }
        };
        let server = Arc::new(Server::new(address, settings));
        Self::Server(Arc::new(BatchedServer {
            loads: RequestQueue::new(&server),
            changes: RequestQueue::new(&server),
            server,
        }))
    }

    /// Connects, so that a wrong address is detected when the store is created.
    pub(crate) async fn check(&self) -> RedisResult<()> {
        match self {
            Self::Server(batched) => {
                batched.server.send(&redis::cmd("PING"), CommandKind::Read).await.map(drop)
            }
            Self::Cluster(cluster) => cluster.refresh().await,
        }
    }

    /// Checks whether all keys are on one server, so that one script can use several keys.
    pub(crate) fn holds_all_keys(&self) -> bool {
        matches!(self, Self::Server(_))
    }

    /// Sends a read-only command, and retries it once if the connection turns out to be broken, so that requests do not
    /// fail after a server has restarted.
    pub(crate) async fn read(&self, key: &[u8], command: &Cmd) -> RedisResult<Value> {
        match self.send(key, command, CommandKind::Read).await {
            Err(error) if error.is_connection_dropped() => self.send(key, command, CommandKind::Read).await,
            answer => answer,
        }
    }

    /// Reads a record.
    pub(crate) async fn load(&self, load: Load) -> RedisResult<Value> {
        match self {
            Self::Server(batched) => batched.loads.send(load).await,
            Self::Cluster(_) => self.read(load.key(), &load.command()).await,
        }
    }

    /// Changes a record.
    pub(crate) async fn change(&self, change: Change) -> RedisResult<Value> {
        match self {
            Self::Server(batched) => batched.changes.send(change).await,
            Self::Cluster(_) => {
                let answers = self.call(Change::call(slice::from_ref(&change)), CommandKind::Write).await?;
                Change::answers(answers).pop().unwrap_or_else(|| check_reply(None))
            }
        }
    }

    /// Runs a script on `keys`, of which the first selects the server. A script that may have been executed is not sent
    /// again.
    pub(crate) async fn run(
        &self,
        script: &'static Script,
        keys: &[&[u8]],
        arguments: &[&[u8]],
        kind: CommandKind,
    ) -> RedisResult<Value> {
        self.call(ScriptCall::new(script, keys.to_vec(), arguments.to_vec()), kind).await
    }

    async fn call(&self, call: ScriptCall<'_>, kind: CommandKind) -> RedisResult<Value> {
        let key = call.keys[0];
        call.run(|command| async move { self.send(key, &command, kind).await }).await
    }

    /// Sends a command to the server that stores `key`. A command that may have been executed is not sent again.
    pub(crate) async fn send(&self, key: &[u8], command: &Cmd, kind: CommandKind) -> RedisResult<Value> {
        match self {
            Self::Server(batched) => batched.server.send(command, kind).await,
            Self::Cluster(cluster) => cluster.send(key, command, kind).await,
        }
    }

    /// Returns all servers that store keys.
    pub(crate) async fn masters(&self) -> RedisResult<Masters> {
        match self {
            Self::Server(batched) => Ok(Masters { servers: vec![Arc::clone(&batched.server)], layout: 0 }),
            Self::Cluster(cluster) => cluster.masters().await,
        }
    }
}
