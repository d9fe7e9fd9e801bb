//! A server that sends exactly what a test specifies, byte for byte, with or without TLS on one port.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::SystemTime;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::certificate::self_signed;
use crate::date::imf;

/// The response to one request.
#[derive(Clone, Default)]
pub(crate) struct Answer {
    /// The status. 0 means 200. If the status is below 200, a response with status 200 follows.
    pub(crate) status: u16,
    /// The value of each `Set-Cookie` header.
    pub(crate) lines: Vec<Vec<u8>>,
    /// The time in the `Date` header, in seconds since 1970.
    pub(crate) date: Option<i64>,
    pub(crate) body: String,
}

/// What the server records about a request.
#[derive(Clone)]
pub(crate) struct Heard {
    /// The value of the `Cookie` header, or an empty value if the request has none.
    pub(crate) cookie: Vec<u8>,
    pub(crate) encrypted: bool,
    /// The time just before the response was sent.
    pub(crate) at: SystemTime,
}

/// The response to each request, and what the server recorded about the request.
type Exchanges = HashMap<u64, (Answer, Option<Heard>)>;

/// A server whose threads run until the program ends.
pub(crate) struct Server {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    tls: Arc<ServerConfig>,
    /// The exchanges, keyed by the number in the query of the URL.
    exchanges: Mutex<Exchanges>,
    last: AtomicU64,
}

impl Server {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            tls: Arc::new(self_signed()),
            exchanges: Mutex::default(),
            last: AtomicU64::new(0),
        });
        let served = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&served);
                // An error means that the client closed the connection, which is fine.
                thread::spawn(move || shared.serve(stream).ok());
            }
        });
        Self { port, shared }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Stores a response, and returns its number. The server sends the response if the query of the URL contains this
    /// number.
    pub(crate) fn expect(&self, answer: Answer) -> u64 {
        let number = self.shared.last.fetch_add(1, Ordering::Relaxed) + 1;
        self.shared.lock().insert(number, (answer, None));
        number
    }

    /// Returns what the server recorded about the request with this number, or `None` if there was no such request.
    pub(crate) fn heard(&self, number: u64) -> Option<Heard> {
        self.shared.lock().remove(&number)?.1
    }
}

impl Shared {
    fn serve(&self, stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        // A TLS handshake begins with the byte 0x16, which is not the beginning of an HTTP method.
        let mut first = [0];
        stream.peek(&mut first)?;
        let encrypted = first == [0x16];
        if encrypted {
            let tls = ServerConnection::new(Arc::clone(&self.tls)).map_err(io::Error::other)?;
            self.answer_all(StreamOwned::new(tls, stream), encrypted)
        } else {
            self.answer_all(stream, encrypted)
        }
    }

    fn answer_all(&self, stream: impl Read + Write, encrypted: bool) -> io::Result<()> {
        let mut stream = BufReader::new(stream);
        while let Some(request) = Request::read(&mut stream)? {
            let answer = match self.lock().get_mut(&request.number) {
                Some((answer, heard)) => {
                    *heard = Some(Heard { cookie: request.cookie, encrypted, at: SystemTime::now() });
                    answer.clone()
                }
                None => Answer::default(),
            };
            stream.get_mut().write_all(&answer.bytes())?;
            stream.get_mut().flush()?;
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Exchanges> {
        self.exchanges.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Answer {
    fn bytes(&self) -> Vec<u8> {
        let field = |line: &Vec<u8>| [b"Set-Cookie: ", line.as_slice(), b"\r\n"].concat();
        let lines: Vec<u8> = self.lines.iter().flat_map(field).collect();
        let mut bytes = Vec::new();
        if (100..200).contains(&self.status) {
            bytes.extend_from_slice(format!("HTTP/1.1 {} Early\r\n", self.status).as_bytes());
            bytes.extend_from_slice(&lines);
            bytes.extend_from_slice(b"\r\nHTTP/1.1 200 OK\r\n");
        } else {
            let status = if self.status == 0 { 200 } else { self.status };
            bytes.extend_from_slice(format!("HTTP/1.1 {status} So\r\n").as_bytes());
            bytes.extend_from_slice(&lines);
        }
        if let Some(date) = self.date {
            bytes.extend_from_slice(format!("Date: {}\r\n", imf(date)).as_bytes());
        }
        let length = self.body.len();
        let rest = format!(
            "Content-Type: text/html; charset=utf-8\r\nCache-Control: no-store\r\nContent-Length: {length}\r\n\r\n{}",
            self.body
        );
        bytes.extend_from_slice(rest.as_bytes());
        bytes
    }
}

struct Request {
    number: u64,
    cookie: Vec<u8>,
}

impl Request {
    /// Reads a request. Returns `None` if the client has closed the connection.
    fn read(stream: &mut impl BufRead) -> io::Result<Option<Self>> {
        let mut request = Self { number: 0, cookie: Vec::new() };
        let (mut line, mut length, mut first) = (Vec::new(), 0, true);
        loop {
            line.clear();
            if stream.read_until(b'\n', &mut line)? == 0 {
                return Ok(None);
            }
            let text = line.strip_suffix(b"\r\n").unwrap_or(&line);
            if first {
                let url =
                    String::from_utf8_lossy(text.split(|&byte| byte == b' ').nth(1).unwrap_or_default());
                request.number = url.split_once('?').and_then(|(_, query)| query.parse().ok()).unwrap_or(0);
                first = false;
                continue;
            }
            if text.is_empty() {
                break;
            }
            let Some(colon) = text.iter().position(|&byte| byte == b':') else { continue };
            let value = text[colon + 1..].strip_prefix(b" ").unwrap_or(&text[colon + 1..]);
            match text[..colon].to_ascii_lowercase().as_slice() {
                b"cookie" => request.cookie = value.to_vec(),
                b"content-length" => length = String::from_utf8_lossy(value).parse().unwrap_or(0),
                _ => {}
            }
        }
        stream.read_exact(&mut vec![0; length])?;
        Ok(Some(request))
    }
}
