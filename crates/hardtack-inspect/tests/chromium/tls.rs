//! A TLS proxy in front of a server that does not support TLS. The proxy states in `X-Forwarded-Proto` how the browser
//! connected.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::certificate::self_signed;

/// The maximum length of a request head.
const MAX_HEAD_BYTES: usize = 64 * 1024;

/// Starts a proxy in front of a server, and returns the proxy's port, which accepts connections with and without TLS.
/// The proxy runs until the process exits.
pub(crate) fn before(server: SocketAddr) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let config = Arc::new(self_signed());
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let config = Arc::clone(&config);
            // Errors are ignored, because a client that disconnects early has already received what it needed.
            thread::spawn(move || serve(stream, server, config).ok());
        }
    });
    port
}

fn serve(stream: TcpStream, server: SocketAddr, config: Arc<ServerConfig>) -> io::Result<()> {
    let mut first = [0];
    stream.peek(&mut first)?;
    // A TLS handshake starts with this byte, and no HTTP method does.
    if first == [0x16] {
        let tls = ServerConnection::new(config).map_err(io::Error::other)?;
        let mut stream = StreamOwned::new(tls, stream);
        pass_on(&mut stream, server, "https")?;
        stream.conn.send_close_notify();
        stream.flush()
    } else {
        let mut stream = stream;
        pass_on(&mut stream, server, "http")
    }
}

/// Forwards one request without a body, and its response.
fn pass_on(stream: &mut (impl Read + Write), server: SocketAddr, proto: &str) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if head.len() > MAX_HEAD_BYTES || stream.read(&mut byte)? == 0 {
            return Ok(());
        }
        head.push(byte[0]);
    }
    head.truncate(head.len() - 2);
    let mut behind = TcpStream::connect(server)?;
    behind.write_all(&head)?;
    behind.write_all(format!("X-Forwarded-Proto: {proto}\r\nConnection: close\r\n\r\n").as_bytes())?;
    let mut answer = Vec::new();
    behind.read_to_end(&mut answer)?;
    stream.write_all(&answer)?;
    stream.flush()
}
