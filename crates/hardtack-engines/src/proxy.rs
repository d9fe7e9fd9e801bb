use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::EngineError;

/// A wire that can be cut: it passes bytes on to a server, until it is told otherwise.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    wires: Arc<Wires>,
}

#[derive(Debug, Default)]
struct Wires {
    /// Both ends of every connection that is open.
    open: Mutex<Vec<(TcpStream, TcpStream)>>,
    /// Whether answers are thrown away.
    swallows: AtomicBool,
    /// Whether new connections are closed at once.
    refuses: AtomicBool,
    /// How long each answer is held back, in milliseconds.
    delay: AtomicU64,
    /// Whether answers are held back until that ends.
    holds: AtomicBool,
    /// How many answers are held back now.
    held: AtomicU64,
    /// How often a client has spoken after the server.
    round_trips: AtomicU64,
}

impl Proxy {
    /// Starts one on a port of its own, before the server on this machine's port `server`.
    ///
    /// # Errors
    ///
    /// There is no free port.
    pub fn start(server: u16) -> Result<Self, EngineError> {
        let failed = |error: std::io::Error| EngineError::new("starting a proxy", error);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        let wires = Arc::new(Wires::default());
        let accepting = Arc::downgrade(&wires);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Some(wires) = accepting.upgrade() else { return };
                if wires.refuses.load(Ordering::SeqCst) {
                    continue;
                }
                if let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, server)) {
                    wires.join(client, server);
                }
            }
        });
        Ok(Self { port, wires })
    }

    /// The port it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Cuts all connections that are open now; new ones can be made.
    pub fn cut(&self) {
        for (client, server) in self.wires.open().drain(..) {
            drop((client.shutdown(Shutdown::Both), server.shutdown(Shutdown::Both)));
        }
    }

    /// Throws all answers away from now on, so that the server does what it is asked and nobody learns of it; or
    /// passes them on again.
    pub fn swallow_answers(&self, swallows: bool) {
        self.wires.swallows.store(swallows, Ordering::SeqCst);
    }

    /// Closes new connections at once from now on, or lets them be made again.
    pub fn refuse(&self, refuses: bool) {
        self.wires.refuses.store(refuses, Ordering::SeqCst);
    }

    /// How often, on all connections so far, a client has asked the server for something and waited for its answer. What
    /// goes out without waiting, or before the answer has come, counts once.
    #[must_use]
    pub fn round_trips(&self) -> u64 {
        self.wires.round_trips.load(Ordering::SeqCst)
    }

    /// Holds all answers back from now on, in their order, or passes them on again.
    pub fn hold_answers(&self, holds: bool) {
        self.wires.holds.store(holds, Ordering::SeqCst);
    }

    /// On how many connections an answer is held back now: the server has done what it was asked, and its client has not
    /// heard of it.
    #[must_use]
    pub fn held(&self) -> u64 {
        self.wires.held.load(Ordering::SeqCst)
    }

    /// Holds each answer back for so long; whole milliseconds.
    pub fn delay(&self, delay: Duration) {
        self.wires.delay.store(delay.as_millis() as u64, Ordering::SeqCst);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.refuse(true);
        self.hold_answers(false);
        self.cut();
        // Wakes the one who accepts, so that it sees that nobody is left.
        let port = self.port;
        self.wires = Arc::default();
        drop(TcpStream::connect((Ipv4Addr::LOCALHOST, port)));
    }
}

impl Wires {
    fn open(&self) -> std::sync::MutexGuard<'_, Vec<(TcpStream, TcpStream)>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_while_held(&self) {
        if !self.holds.load(Ordering::SeqCst) {
            return;
        }
        self.held.fetch_add(1, Ordering::SeqCst);
        while self.holds.load(Ordering::SeqCst) {
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
        let (wires, answered) = (Arc::downgrade(self), Arc::clone(&was_answered));
        thread::spawn(move || {
            pass(asking.0, asking.1, |_| {
                if answered.swap(false, Ordering::SeqCst) {
                    let Some(wires) = wires.upgrade() else { return false };
                    wires.round_trips.fetch_add(1, Ordering::SeqCst);
                }
                true
            });
        });
        let wires = Arc::downgrade(self);
        thread::spawn(move || {
            pass(server, client, |_| {
                was_answered.store(true, Ordering::SeqCst);
                let Some(wires) = wires.upgrade() else { return false };
                let delay = wires.delay.load(Ordering::SeqCst);
                if delay > 0 {
                    thread::sleep(Duration::from_millis(delay));
                }
                wires.wait_while_held();
                !wires.swallows.load(Ordering::SeqCst)
            })
        });
    }
}

/// Passes bytes on, those that `is_passed`, until one end is closed; then closes both.
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
