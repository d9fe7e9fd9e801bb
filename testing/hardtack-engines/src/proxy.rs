use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::EngineError;

/// A TCP proxy in front of a server. The proxy can cut connections, and delay, hold back, or discard answers.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    connections: Arc<Connections>,
}

#[derive(Debug, Default)]
struct Connections {
    /// The client's end and the server's end of every open connection.
    open: Mutex<Vec<(TcpStream, TcpStream)>>,
    /// Whether answers are discarded.
    discards: AtomicBool,
    /// Whether new connections are closed immediately.
    is_refusing: AtomicBool,
    /// How long each answer is delayed, in milliseconds.
    delay: AtomicU64,
    /// Whether answers are held back until this is `false` again.
    is_holding: AtomicBool,
    /// The number of connections on which an answer is currently held back.
    held: AtomicU64,
    /// The number of times that a client has sent something after an answer, or for the first time on a connection.
    round_trips: AtomicU64,
}

impl Proxy {
    /// Starts a proxy on a free local port. The proxy forwards connections to the local port `server`.
    ///
    /// # Errors
    ///
    /// Fails if there is no free port.
    pub fn start(server: u16) -> Result<Self, EngineError> {
        let failed = |error: std::io::Error| EngineError::new("starting a proxy", error);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        let connections = Arc::new(Connections::default());
        let accepting = Arc::downgrade(&connections);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Some(connections) = accepting.upgrade() else { return };
                if connections.is_refusing.load(Ordering::SeqCst) {
                    continue;
                }
                if let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, server)) {
                    connections.join(client, server);
                }
            }
        });
        Ok(Self { port, connections })
    }

    /// Returns the port on which the proxy listens.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Cuts all open connections. Clients can open new ones.
    pub fn cut(&self) {
        for (client, server) in self.connections.open().drain(..) {
            drop((client.shutdown(Shutdown::Both), server.shutdown(Shutdown::Both)));
        }
    }

    /// Sets whether answers are discarded. If so, the server executes requests, but the clients do not receive the
    /// results.
    pub fn discard_answers(&self, discards: bool) {
        self.connections.discards.store(discards, Ordering::SeqCst);
    }

    /// Sets whether new connections are closed immediately.
    pub fn refuse(&self, is_refusing: bool) {
        self.connections.is_refusing.store(is_refusing, Ordering::SeqCst);
    }

    /// Returns the number of round trips on all connections so far. Requests that a client sends without waiting for
    /// the answer to the first one are a single round trip.
    #[must_use]
    pub fn round_trips(&self) -> u64 {
        self.connections.round_trips.load(Ordering::SeqCst)
    }

    /// Sets whether answers are held back. When this is turned off, the answers are forwarded in order.
    pub fn hold_answers(&self, is_holding: bool) {
        self.connections.is_holding.store(is_holding, Ordering::SeqCst);
    }

    /// Returns the number of connections on which an answer is currently held back. The server has executed the
    /// requests, but the clients have not received the answers.
    #[must_use]
    pub fn held(&self) -> u64 {
        self.connections.held.load(Ordering::SeqCst)
    }

    /// Delays each answer by this duration, in whole milliseconds.
    pub fn delay(&self, delay: Duration) {
        self.connections.delay.store(delay.as_millis() as u64, Ordering::SeqCst);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.refuse(true);
        self.hold_answers(false);
        self.cut();
        // This connection wakes the accepting thread, so that the thread notices that the proxy was dropped.
        let port = self.port;
        self.connections = Arc::default();
        drop(TcpStream::connect((Ipv4Addr::LOCALHOST, port)));
    }
}

impl Connections {
    fn open(&self) -> std::sync::MutexGuard<'_, Vec<(TcpStream, TcpStream)>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_while_held(&self) {
        if !self.is_holding.load(Ordering::SeqCst) {
            return;
        }
        self.held.fetch_add(1, Ordering::SeqCst);
        while self.is_holding.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(1));
        }
        self.held.fetch_sub(1, Ordering::SeqCst);
    }

    fn join(self: &Arc<Self>, client: TcpStream, server: TcpStream) {
        drop((client.set_nodelay(true), server.set_nodelay(true)));
        let ends = || Some((client.try_clone().ok()?, server.try_clone().ok()?));
        let (Some(kept), Some(asking)) = (ends(), ends()) else { return };
        self.open().push(kept);
        let was_answered = Arc::new(AtomicBool::new(true));
        let (connections, answered) = (Arc::downgrade(self), Arc::clone(&was_answered));
        thread::spawn(move || {
            pass(asking.0, asking.1, |_| {
                if answered.swap(false, Ordering::SeqCst) {
                    let Some(connections) = connections.upgrade() else { return false };
                    connections.round_trips.fetch_add(1, Ordering::SeqCst);
                }
                true
            });
        });
        let connections = Arc::downgrade(self);
        thread::spawn(move || {
            pass(server, client, |_| {
                was_answered.store(true, Ordering::SeqCst);
                let Some(connections) = connections.upgrade() else { return false };
                let delay = connections.delay.load(Ordering::SeqCst);
                if delay > 0 {
                    thread::sleep(Duration::from_millis(delay));
                }
                connections.wait_while_held();
                !connections.discards.load(Ordering::SeqCst)
            })
        });
    }
}

/// Forwards the bytes for which `is_passed` returns `true`. When one end is closed, closes both.
fn pass(mut from: TcpStream, mut to: TcpStream, is_passed: impl Fn(&[u8]) -> bool) {
    let mut buffer = [0; 16_384];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        let bytes = &buffer[..length];
        if is_passed(bytes) && to.write_all(bytes).is_err() {
            break;
        }
    }
    drop((from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both)));
}
