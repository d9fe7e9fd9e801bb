use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::net::{TcpListener, TcpStream};

/// A load balancer without sticky sessions: each connection goes to the next server.
#[derive(Debug, Clone)]
pub(crate) struct Balancer {
    pub(crate) port: u16,
    servers: Arc<Mutex<Vec<Option<u16>>>>,
}

impl Balancer {
    pub(crate) async fn start(count: usize) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let servers = Arc::new(Mutex::new(vec![None; count]));
        let (known, next) = (Arc::clone(&servers), AtomicUsize::new(0));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let ports: Vec<u16> = lock(&known).iter().copied().flatten().collect();
                let first = next.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(async move { pass(client, &ports, first).await });
            }
        });
        Ok(Self { port, servers })
    }

    /// Sets the port of a server, or `None` if the server is down.
    pub(crate) fn set(&self, server: usize, port: Option<u16>) {
        lock(&self.servers)[server] = port;
    }
}

/// Forwards a connection to the next server that accepts it.
async fn pass(mut client: TcpStream, ports: &[u16], first: usize) {
    for turn in 0..ports.len() {
        let port = ports[(first + turn) % ports.len()];
        if let Ok(mut server) = TcpStream::connect(("127.0.0.1", port)).await {
            drop(tokio::io::copy_bidirectional(&mut client, &mut server).await);
            return;
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
