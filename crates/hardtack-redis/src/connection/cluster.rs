use std::collections::HashMap;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use redis::{Cmd, ConnectionInfo, ErrorKind, RedisError, RedisResult, ServerErrorKind, Value};
use tokio::sync::Mutex;

use crate::connection::ConnectionSettings;
use crate::connection::address::at;
use crate::connection::hash_slot::{HASH_SLOTS, slot};
use crate::connection::server::{CommandKind, Server, ServerAddress};

/// The nodes of a cluster, and the assignment of slots to nodes.
///
/// A node that does not have the slot of a key replies with a redirection before it executes anything, and the command
/// is then sent to the other node. After a connection breaks, the command is not sent again, because the server may
/// have executed it.
#[derive(Debug, Clone)]
pub(crate) struct Cluster {
    inner: Arc<Inner>,
}

struct Inner {
    seeds: Vec<ConnectionInfo>,
    settings: ConnectionSettings,
    /// A `std` lock, because it is never held across an await.
    map: RwLock<Arc<SlotMap>>,
    /// The lock that a task holds while it requests a new map.
    asking: Mutex<()>,
    /// Whether a background task is requesting a new map.
    is_asking: AtomicBool,
}

/// All servers that store keys.
#[derive(Debug)]
pub(crate) struct Masters {
    pub(crate) servers: Vec<Arc<Server>>,
    /// A hash of the slot assignment; it changes when slots move.
    pub(crate) layout: u64,
}

#[derive(Clone)]
struct SlotMap {
    nodes: HashMap<String, Arc<Server>>,
    /// The master of each slot.
    masters: Vec<Option<Arc<Server>>>,
}

/// The maximum number of times that one command is sent, because of redirections or because its slot is being moved.
const MAX_ATTEMPTS: u32 = 8;

/// The pause before a command is sent again because its slot is being moved.
const SLOT_MOVE_PAUSE: Duration = Duration::from_millis(20);

impl Cluster {
    pub(crate) fn new(seeds: Vec<ConnectionInfo>, settings: ConnectionSettings) -> Self {
        let map = SlotMap { nodes: HashMap::new(), masters: vec![None; HASH_SLOTS] };
        let (map, asking) = (RwLock::new(Arc::new(map)), Mutex::default());
        Self { inner: Arc::new(Inner { seeds, settings, map, asking, is_asking: AtomicBool::new(false) }) }
    }

    /// Sends a command to the master of a key.
    pub(crate) async fn send(&self, key: &[u8], command: &Cmd, kind: CommandKind) -> RedisResult<Value> {
        let slot = slot(key);
        let mut server = self.master(slot).await?;
        let mut asks = false;
        for _ in 0..MAX_ATTEMPTS {
            let answer =
                if asks { server.send_asking(command, kind).await } else { server.send(command, kind).await };
            let error = match answer {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            asks = false;
            match error.kind() {
                ErrorKind::Server(ServerErrorKind::Moved) => {
                    self.refresh_soon();
                    server = self.redirect_target(&error)?;
                }
                ErrorKind::Server(ServerErrorKind::Ask) => {
                    server = self.redirect_target(&error)?;
                    asks = true;
                }
                ErrorKind::Server(ServerErrorKind::TryAgain) => {
                    tokio::time::sleep(SLOT_MOVE_PAUSE).await;
                    server = self.master(slot).await?;
                }
                _ => {
                    if error.is_io_error() || error.is_cluster_error() {
                        self.refresh_soon();
                    }
                    return Err(error);
                }
            }
        }
        Err(RedisError::from((
            ErrorKind::Client,
            "the cluster's nodes do not agree on which of them serves a session's slot",
        )))
    }

    /// Returns all masters, ordered by their first slot.
    pub(crate) async fn masters(&self) -> RedisResult<Masters> {
        self.refresh().await?;
        let mut servers: Vec<Arc<Server>> = Vec::new();
        let mut layout = DefaultHasher::new();
        for (slot, server) in self.map().masters.iter().enumerate() {
            let Some(server) = server else { continue };
            let at = servers.iter().position(|known| Arc::ptr_eq(known, server)).unwrap_or_else(|| {
                server.address().hash(&mut layout);
                servers.push(Arc::clone(server));
                servers.len() - 1
            });
            (slot, at).hash(&mut layout);
        }
        Ok(Masters { servers, layout: layout.finish() })
    }

    /// Requests the slot assignment from the nodes.
    pub(crate) async fn refresh(&self) -> RedisResult<()> {
        let _asking = self.inner.asking.lock().await;
        self.inner.ask().await
    }

    async fn master(&self, slot: u16) -> RedisResult<Arc<Server>> {
        let known = |map: &SlotMap| map.masters[usize::from(slot)].clone();
        if let Some(server) = known(&self.map()) {
            return Ok(server);
        }
        Box::pin(self.refresh()).await?;
        known(&self.map()).ok_or_else(|| {
            RedisError::from((
                ErrorKind::ClusterConnectionNotFound,
                "no node of the cluster serves this session's slot",
            ))
        })
    }

    /// Returns the node that a redirection names.
    fn redirect_target(&self, error: &RedisError) -> RedisResult<Arc<Server>> {
        let unknown =
            || RedisError::from((ErrorKind::Client, "a node of the cluster redirected without an address"));
        let (address, _) = error.redirect_node().ok_or_else(unknown)?;
        let (host, port) = address.rsplit_once(':').ok_or_else(unknown)?;
        let port = port.parse().map_err(|_| unknown())?;
        if host.is_empty() {
            return Err(unknown());
        }
        Ok(self.inner.node(host, port))
    }

    /// Requests a new map in the background, unless a task is already doing so.
    fn refresh_soon(&self) {
        if self.inner.is_asking.swap(true, Ordering::AcqRel) {
            return;
        }
        let this = self.clone();
        tokio::spawn(async move {
            if let Err(error) = this.refresh().await {
                tracing::warn!(%error, "the cluster's nodes did not return a slot map");
            }
            this.inner.is_asking.store(false, Ordering::Release);
        });
    }

    fn map(&self) -> Arc<SlotMap> {
        self.inner.map()
    }
}

impl Inner {
    fn map(&self) -> Arc<SlotMap> {
        Arc::clone(&self.map.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns the node at an address, adding it to the map if it is new.
    fn node(&self, host: &str, port: u16) -> Arc<Server> {
        let address = format!("{host}:{port}");
        if let Some(server) = self.map().nodes.get(&address) {
            return Arc::clone(server);
        }
        let mut map = self.map.write().unwrap_or_else(PoisonError::into_inner);
        let map = Arc::make_mut(&mut map);
        let info = || ServerAddress::Fixed(at(&self.seeds[0], host, port));
        let new = || Arc::new(Server::new(info(), self.settings.clone()));
        Arc::clone(map.nodes.entry(address).or_insert_with(new))
    }

    /// Requests the slot assignment from the known nodes and then from the seeds, until one of them returns it.
    async fn ask(&self) -> RedisResult<()> {
        let mut last = RedisError::from((ErrorKind::Client, "the cluster has no nodes"));
        let known: Vec<(String, Arc<Server>)> =
            self.map().nodes.iter().map(|(address, server)| (address.clone(), Arc::clone(server))).collect();
        for (address, server) in known {
            match self.ask_one(&server, host_of(&address)).await {
                Ok(()) => return Ok(()),
                Err(error) => last = error,
            }
        }
        for seed in &self.seeds {
            let server = Server::new(ServerAddress::Fixed(seed.clone()), self.settings.clone());
            match self.ask_one(&server, host_of(&seed.addr().to_string())).await {
                Ok(()) => return Ok(()),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    async fn ask_one(&self, server: &Server, host: &str) -> RedisResult<()> {
        let mut command = redis::cmd("CLUSTER");
        let answer = server.send(command.arg("SLOTS"), CommandKind::Read).await?;
        let ranges = ranges(answer, host)?;
        let mut masters = vec![None; HASH_SLOTS];
        let mut nodes = HashMap::new();
        for SlotRange { from, to, host, port } in ranges {
            let server = self.node(&host, port);
            nodes.insert(format!("{host}:{port}"), Arc::clone(&server));
            masters[usize::from(from)..=usize::from(to)].fill(Some(server));
        }
        *self.map.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(SlotMap { nodes, masters });
        Ok(())
    }
}

#[derive(Debug, PartialEq, Eq)]
struct SlotRange {
    from: u16,
    to: u16,
    host: String,
    port: u16,
}

/// Parses the reply to `CLUSTER SLOTS`. For each range of slots, it contains the first slot and the last slot, then the
/// master's host, port, and other fields, and then the replicas. If the host is missing, the master's host is that of
/// the node that sent the reply.
fn ranges(answer: Value, asked: &str) -> RedisResult<Vec<SlotRange>> {
    let unreadable =
        || RedisError::from(io::Error::new(io::ErrorKind::InvalidData, "the cluster's slots cannot be read"));
    let Value::Array(ranges) = answer else { return Err(unreadable()) };
    if ranges.is_empty() {
        return Err(RedisError::from((
            ErrorKind::Client,
            "the node does not belong to a cluster with assigned slots",
        )));
    }
    let number = |value: &Value| match value {
        Value::Int(number) => u16::try_from(*number).ok(),
        _ => None,
    };
    let read = |range: &Value| {
        let Value::Array(parts) = range else { return None };
        let [from, to, Value::Array(master), ..] = &parts[..] else { return None };
        let [host, port, ..] = &master[..] else { return None };
        let host = match host {
            Value::BulkString(host) if !host.is_empty() && host != b"?" => {
                String::from_utf8(host.clone()).ok()?
            }
            _ => asked.to_owned(),
        };
        let (from, to) = (number(from)?, number(to)?);
        (from <= to && usize::from(to) < HASH_SLOTS).then_some(SlotRange {
            from,
            to,
            host,
            port: number(port)?,
        })
    };
    ranges.iter().map(|range| read(range).ok_or_else(unreadable)).collect()
}

fn host_of(address: &str) -> &str {
    address.rsplit_once(':').map_or(address, |(host, _)| host)
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster").field("nodes", &self.map().nodes.keys()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value::BulkString(text.into())
    }

    fn range(from: i64, to: i64, host: Value, port: i64) -> Value {
        let node = Value::Array(vec![host, Value::Int(port), text("id"), Value::Array(vec![])]);
        Value::Array(vec![Value::Int(from), Value::Int(to), node.clone(), node])
    }

    #[test]
    fn slots_without_a_host_belong_to_the_node_that_was_asked() {
        let answer = Value::Array(vec![
            range(0, 9, text("one"), 7000),
            range(10, 16_383, Value::Nil, 7001),
            range(5, 5, text(""), 7002),
        ]);
        let expected = |from, to, host: &str, port| SlotRange { from, to, host: host.to_owned(), port };
        assert_eq!(
            ranges(answer, "asked").unwrap(),
            [expected(0, 9, "one", 7000), expected(10, 16_383, "asked", 7001), expected(5, 5, "asked", 7002)]
        );
    }

    #[test]
    fn invalid_slots_are_an_error() {
        for answer in [
            Value::Nil,
            Value::Array(vec![]),
            Value::Array(vec![Value::Int(1)]),
            Value::Array(vec![range(0, 16_384, text("one"), 7000)]),
            Value::Array(vec![range(9, 0, text("one"), 7000)]),
            Value::Array(vec![range(0, 9, text("one"), 70_000)]),
        ] {
            assert!(ranges(answer, "asked").is_err());
        }
    }
}
