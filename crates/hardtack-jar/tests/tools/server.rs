//! A server that sets cookies, and records the cookies that it receives.

use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

/// The loopback hosts, each with the address at which it is served.
pub(crate) const HOSTS: &[(&str, &str)] =
    &[("localhost", "127.0.0.1"), ("127.0.0.1", "127.0.0.1"), ("[::1]", "::1")];

/// A host with a parent domain. Browsers treat it as a loopback host, and therefore as secure.
pub(crate) const SHOP: &str = "www.shop.localhost";

/// The loopback hosts for a browser.
pub(crate) const BROWSER_HOSTS: &[(&str, &str)] =
    &[("localhost", "127.0.0.1"), ("127.0.0.1", "127.0.0.1"), ("[::1]", "::1"), (SHOP, "127.0.0.1")];

/// The lines that the server sets on each page, except on [`BLANK`]. Each line has a path, because tools disagree about
/// the default path.
const LINES: &[&str] = &[
    "lasting=1; Path=/; Max-Age=36000; HttpOnly",
    "session=2; Path=/",
    "strict=3; Path=/; SameSite=Strict; Max-Age=600",
    "lax=4; Path=/; SameSite=Lax",
    "path=5; Path=/a/b",
    "quoted=\"6 7\"; Path=/",
    "equals=8==; Path=/",
    "empty=; Path=/",
];

/// The lines that the server also sets at [`SHOP`].
const SHOP_LINES: &[&str] = &[
    "secure=9; Path=/; Secure; SameSite=None; Max-Age=600",
    "domain=10; Path=/; Domain=shop.localhost",
    "part=11; Path=/; Secure; SameSite=None; Partitioned",
    "__Host-id=12; Path=/; Secure; HttpOnly",
];

/// The last part of the path of a page that sets no cookies, and whose requests are not recorded.
pub(crate) const BLANK: &str = "blank";

pub(crate) struct Server {
    pub(crate) port: u16,
    headers: Receiver<String>,
}

impl Server {
    /// Starts a server on the same port of both loopback addresses, because tools may use either address for a host
    /// name. Returns `None` if the machine does not have the given address.
    pub(crate) fn start(address: &str) -> Option<Self> {
        let (port, listeners) = (0..1_000).find_map(|_| listen(address))?;
        let (sender, headers) = mpsc::channel();
        for listener in listeners {
            let sender = sender.clone();
            thread::spawn(move || {
                for stream in listener.incoming().flatten() {
                    let sender = sender.clone();
                    // Each connection has its own thread, because a browser opens connections that it may never use.
                    thread::spawn(move || {
                        if let Some(header) = answer(&stream) {
                            let _ = sender.send(header);
                        }
                    });
                }
            });
        }
        Some(Self { port, headers })
    }

    /// Returns the `Cookie` header of the next request, sorted by name.
    pub(crate) fn header(&self) -> String {
        sorted(&self.headers.recv_timeout(Duration::from_secs(120)).expect("a request"))
    }
}

/// Listens on a port of the address, and on the same port of the other loopback address. Returns `None` if the machine
/// does not have the address, or if another program uses this port on the other address.
fn listen(address: &str) -> Option<(u16, Vec<TcpListener>)> {
    let listener = TcpListener::bind((address, 0)).ok()?;
    let port = listener.local_addr().ok()?.port();
    let other = if address == "::1" { "127.0.0.1" } else { "::1" };
    match TcpListener::bind((other, port)) {
        Ok(other) => Some((port, vec![listener, other])),
        Err(error) if error.kind() == ErrorKind::AddrInUse => None,
        // The machine does not have the other address.
        Err(_) => Some((port, vec![listener])),
    }
}

/// Returns the lines that the server sets at a host.
pub(crate) fn lines(host: &str) -> impl Iterator<Item = &'static str> {
    LINES.iter().chain(SHOP_LINES.iter().filter(move |_| host == SHOP)).copied()
}

/// Responds to a request, and returns its `Cookie` header. Returns `None` for a page whose requests are not recorded.
fn answer(mut stream: &TcpStream) -> Option<String> {
    let mut request = BufReader::new(stream).lines();
    let first = request.next()?.ok()?;
    let path = first.split(' ').nth(1)?.to_owned();
    let (mut cookies, mut host) = (String::new(), String::new());
    for line in request {
        let line = line.ok()?;
        match line.split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("cookie") => cookies = value.to_owned(),
            Some((name, value)) if name.eq_ignore_ascii_case("host") => host = value.to_owned(),
            None if line.is_empty() => break,
            _ => {}
        }
    }
    // Browsers request an icon on their own.
    let is_recorded = !path.ends_with(BLANK) && !path.ends_with(".ico");
    let mut answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n".to_owned();
    if is_recorded {
        let host = host.rsplit_once(':').map_or(&*host, |(host, _)| host);
        lines(host).for_each(|line| answer += &format!("Set-Cookie: {line}\r\n"));
    }
    stream.write_all((answer + "\r\n").as_bytes()).ok()?;
    is_recorded.then_some(cookies)
}

pub(crate) fn sorted(header: &str) -> String {
    let mut pairs: Vec<_> = header.split("; ").collect();
    pairs.sort_unstable();
    pairs.join("; ")
}
