//! A site whose cookies have many problems, over http, and over https with a self-signed certificate.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::fixture::closed_port;

/// The value of a good session cookie: base64 of 128 bits.
const ID: &str = "Zm9vYmFyYmF6cXV4Zm9vYg";

/// A cookie name that reverses the text and clears the screen if it is printed without escaping.
const STEERING: &str = "session\u{202e}\u{9b}2J\u{9d}0owned\u{9c}\u{200b}";

/// The site, which runs until the test ends.
pub(crate) struct BadSite {
    plain: SocketAddr,
    encrypted: SocketAddr,
}

impl BadSite {
    pub(crate) fn start() -> Self {
        let plain = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let encrypted = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let site = Self {
            plain: plain.local_addr().expect("its address"),
            encrypted: encrypted.local_addr().expect("its address"),
        };
        let elsewhere = site.plain;
        thread::spawn(move || serve(&plain, |stream| answer(stream, elsewhere)));
        let config = Arc::new(config());
        thread::spawn(move || {
            serve(&encrypted, |stream| {
                let connection = ServerConnection::new(Arc::clone(&config)).expect("a connection");
                let mut stream = StreamOwned::new(connection, stream);
                answer(&mut stream, elsewhere);
                stream.conn.send_close_notify();
                let _ = stream.flush();
            });
        });
        site
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.plain)
    }

    pub(crate) fn https_url(&self) -> String {
        format!("https://{}", self.encrypted)
    }
}

fn serve(listener: &TcpListener, mut answer: impl FnMut(TcpStream)) {
    for stream in listener.incoming().flatten() {
        // With a timeout, a client that connects and sends nothing does not block the others for long.
        let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
        answer(stream);
    }
}

/// Responds to one request, depending on its path.
fn answer(mut stream: impl Read + Write, plain: SocketAddr) {
    let mut request = Vec::new();
    let mut room = [0; 4096];
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut room) {
            Ok(0) | Err(_) => return,
            Ok(length) => request.extend_from_slice(&room[..length]),
        }
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    let path = request.split(' ').nth(1).unwrap_or_default();
    let good = format!(
        "Set-Cookie: __Host-session={ID}; Path=/; Secure; HttpOnly; SameSite=Lax\r\nCache-Control: no-store\r\n"
    );
    let (status, headers) = match path {
        "/good" => ("200 OK", good),
        "/bad" => ("200 OK", "Set-Cookie: session=1; Path=/\r\n".to_owned()),
        "/dropped" => ("200 OK", "Set-Cookie: __Host-x=secret-value; Path=/\r\n".to_owned()),
        "/steering" => ("200 OK", format!("Set-Cookie: {STEERING}=1; Path=/{STEERING}\r\n")),
        "/hint" => ("200 OK", "Set-Cookie: __Host-theme=dark; Path=/; Secure; SameSite=Lax\r\n".to_owned()),
        "/fresh" => ("200 OK", format!("Set-Cookie: session={}; Path=/\r\n", fresh())),
        "/adopt" if request.contains("session=") => ("200 OK", String::new()),
        "/adopt" => ("200 OK", format!("Set-Cookie: session={}; Path=/\r\n", fresh())),
        "/token" => ("200 OK", "Set-Cookie: x=1; Secure; HttpOnly; SameSite=Lax\r\n".to_owned()),
        "/moved" => ("302 Found", "Set-Cookie: a=1\r\nLocation: /bad\r\n".to_owned()),
        "/away" => ("302 Found", format!("Set-Cookie: a=1\r\nLocation: http://{}/\r\n", closed_port())),
        "/loop" => ("302 Found", "Location: /loop\r\n".to_owned()),
        "/down" => ("302 Found", format!("Location: http://{plain}/good\r\n")),
        "/private" if request.contains("id=secret-value") => ("200 OK", good),
        "/private" => ("403 Forbidden", String::new()),
        "/silent" => {
            thread::sleep(Duration::from_secs(3));
            return;
        }
        _ => ("200 OK", String::new()),
    };
    let _ = write!(stream, "HTTP/1.1 {status}\r\n{headers}Content-Length: 0\r\nConnection: close\r\n\r\n");
    let _ = stream.flush();
}

/// Returns an id that is different for each visitor.
fn fresh() -> String {
    static VISITORS: AtomicU32 = AtomicU32::new(0);
    format!("{ID}{}", VISITORS.fetch_add(1, Ordering::Relaxed))
}

/// Returns a TLS configuration with a new self-signed certificate.
fn config() -> ServerConfig {
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).expect("a key");
    ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("the protocols of the provider")
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .expect("a certificate with its key")
}
