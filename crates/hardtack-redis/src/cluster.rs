use std::collections::HashMap;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use redis::{Cmd, ConnectionInfo, ErrorKind, RedisError, RedisResult, ServerErrorKind, Value};
use tokio::sync::Mutex;

use crate::address::at;
use crate::server::{Kind, Place, Server};
use crate::settings::Settings;
use crate::slot::{SLOTS, slot};

/// The nodes of a cluster, and which node has which slots.
///
/// A node that does not have a slot, or no longer has it, replies with a redirection before it does anything, and the
/// redirection is followed. After a broken connection nothing is sent again, because what was sent may have been
/// applied.
#[derive(Debug, Clone)]
pub(crate) struct Cluster {
    inner: Arc<Inner>,
}

struct Inner {
    seeds: Vec<ConnectionInfo>,
    settings: Settings,
    /// A `std` lock, because it is held only to clone a handle.
    map: RwLock<Arc<Map>>,
    /// Held by the task that requests a new map.
    asking: Mutex<()>,
    /// Whether a task is requesting a new map.
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
struct Map {
    nodes: HashMap<String, Arc<Server>>,
    /// The master of each slot.
    masters: Vec<Option<Arc<Server>>>,
}

/// The number of times that one command is redirected, or waits for a slot that is being moved.
const MAX_ATTEMPTS: u32 = 8;

/// How long to wait for a slot that is being moved.
const MOVING: Duration = Duration::from_millis(20);

impl Cluster {
    pub(crate) fn new(seeds: Vec<ConnectionInfo>, settings: Settings) -> Self {
        let map = Map { nodes: HashMap::new(), masters: vec![None; SLOTS] };
        let (map, asking) = (RwLock::new(Arc::new(map)), Mutex::default());
        Self { inner: Arc::new(Inner { seeds, settings, map, asking, is_asking: AtomicBool::new(false) }) }
    }

    /// Sends a command to the master of a key.
    pub(crate) async fn send(&self, key: &[u8], command: &Cmd, kind: Kind) -> RedisResult<Value> {
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
                    server = self.named(&error)?;
                }
                ErrorKind::Server(ServerErrorKind::Ask) => {
                    server = self.named(&error)?;
                    asks = true;
                }
                ErrorKind::Server(ServerErrorKind::TryAgain) => {
                    tokio::time::sleep(MOVING).await;
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
        Err(RedisError::from((ErrorKind::Client, "the cluster's nodes do not agree on who keeps a session")))
    }

    /// Returns all masters, ordered by their first slot.
    pub(crate) async fn masters(&self) -> RedisResult<Masters> {
        self.refresh().await?;
        let mut servers: Vec<Arc<Server>> = Vec::new();
        let mut layout = DefaultHasher::new();
        for (slot, server) in self.map().masters.iter().enumerate() {
            let Some(server) = server else { continue };
            let at = servers.iter().position(|known| Arc::ptr_eq(known, server)).unwrap_or_else(|| {
                server.place().hash(&mut layout);
                servers.push(Arc::clone(server));
                servers.len() - 1
            });
            (slot, at).hash(&mut layout);
        }
        Ok(Masters { servers, layout: layout.finish() })
    }

    /// Asks the nodes for the slot assignment.
    pub(crate) async fn refresh(&self) -> RedisResult<()> {
        let _asking = self.inner.asking.lock().await;
        self.inner.ask().await
    }

    async fn master(&self, slot: u16) -> RedisResult<Arc<Server>> {
        let known = |map: &Map| map.masters[usize::from(slot)].clone();
        if let Some(server) = known(&self.map()) {
            return Ok(server);
        }
        Box::pin(self.refresh()).await?;
        known(&self.map()).ok_or_else(|| {
            RedisError::from((
                ErrorKind::ClusterConnectionNotFound,
                "no node of the cluster keeps this session",
            ))
        })
    }

    /// Returns the node that a redirection names.
    fn named(&self, error: &RedisError) -> RedisResult<Arc<Server>> {
        let unknown =
            || RedisError::from((ErrorKind::Client, "a node of the cluster names another without a place"));
        let (place, _) = error.redirect_node().ok_or_else(unknown)?;
        let (host, port) = place.rsplit_once(':').ok_or_else(unknown)?;
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
                tracing::warn!(%error, "the cluster's nodes do not say who keeps which sessions");
            }
            this.inner.is_asking.store(false, Ordering::Release);
        });
    }

    fn map(&self) -> Arc<Map> {
        self.inner.map()
    }
}

impl Inner {
    fn map(&self) -> Arc<Map> {
        Arc::clone(&self.map.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns the node at an address, adding it to the map if it is new.
    fn node(&self, host: &str, port: u16) -> Arc<Server> {
        let place = format!("{host}:{port}");
        if let Some(server) = self.map().nodes.get(&place) {
            return Arc::clone(server);
        }
        let mut map = self.map.write().unwrap_or_else(PoisonError::into_inner);
        let map = Arc::make_mut(&mut map);
        let info = || Place::Fixed(at(&self.seeds[0], host, port));
        let new = || Arc::new(Server::new(info(), self.settings.clone()));
        Arc::clone(map.nodes.entry(place).or_insert_with(new))
    }

    /// Asks the known nodes and then the seeds, until one answers.
    async fn ask(&self) -> RedisResult<()> {
        let mut last = RedisError::from((ErrorKind::Client, "the cluster has no node"));
        let known: Vec<(String, Arc<Server>)> =
            self.map().nodes.iter().map(|(place, server)| (place.clone(), Arc::clone(server))).collect();
        for (place, server) in known {
            match self.ask_one(&server, host_of(&place)).await {
                Ok(()) => return Ok(()),
                Err(error) => last = error,
            }
        }
        for seed in &self.seeds {
            let server = Server::new(Place::Fixed(seed.clone()), self.settings.clone());
            match self.ask_one(&server, host_of(&seed.addr().to_string())).await {
                Ok(()) => return Ok(()),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    async fn ask_one(&self, server: &Server, host: &str) -> RedisResult<()> {
        let mut command = redis::cmd("CLUSTER");
        let answer = server.send(command.arg("SLOTS"), Kind::Read).await?;
        let ranges = ranges(answer, host)?;
        let mut masters = vec![None; SLOTS];
        let mut nodes = HashMap::new();
        for Range { from, to, host, port } in ranges {
            let server = self.node(&host, port);
            nodes.insert(format!("{host}:{port}"), Arc::clone(&server));
            masters[usize::from(from)..=usize::from(to)].fill(Some(server));
        }
        *self.map.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Map { nodes, masters });
        Ok(())
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Range {
    from: u16,
    to: u16,
    host: String,
    port: u16,
}

/// Parses the answer to `CLUSTER SLOTS`: the first and last slot, the master's host, port, and more, then its replicas.
/// A missing host means the node that was asked.
fn ranges(answer: Value, asked: &str) -> RedisResult<Vec<Range>> {
    let unreadable =
        || RedisError::from(io::Error::new(io::ErrorKind::InvalidData, "the cluster's slots cannot be read"));
    let Value::Array(ranges) = answer else { return Err(unreadable()) };
    if ranges.is_empty() {
        return Err(RedisError::from((
            ErrorKind::Client,
            "the node belongs to no cluster that keeps anything",
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
        (from <= to && usize::from(to) < SLOTS).then_some(Range { from, to, host, port: number(port)? })
    };
    ranges.iter().map(|range| read(range).ok_or_else(unreadable)).collect()
}

fn host_of(place: &str) -> &str {
    place.rsplit_once(':').map_or(place, |(host, _)| host)
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
    fn slots_are_read_with_the_host_that_was_asked_where_none_is_named() {
        let answer = Value::Array(vec![
            range(0, 9, text("one"), 7000),
            range(10, 16_383, Value::Nil, 7001),
            range(5, 5, text(""), 7002),
        ]);
        let expected = |from, to, host: &str, port| Range { from, to, host: host.to_owned(), port };
        assert_eq!(
            ranges(answer, "asked").unwrap(),
            [expected(0, 9, "one", 7000), expected(10, 16_383, "asked", 7001), expected(5, 5, "asked", 7002)]
        );
    }

    #[test]
    fn strange_slots_are_an_error() {
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
