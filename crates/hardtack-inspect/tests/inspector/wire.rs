use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

use axum::Router;
use tokio::net::TcpListener;

/// The maximum time that a test waits for expected output.
pub(crate) const PATIENCE: Duration = Duration::from_secs(300);

/// The token of every inspector in these tests.
pub(crate) const TOKEN: &str = "the-token-of-the-tests";

/// Serves a router on all addresses of this machine, as the documentation shows, and returns the port.
pub(crate) async fn serve(app: Router) -> u16 {
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, app).await });
    port
}

/// Sends a request over a new connection, and returns the whole response. Requests for the inspector contain the token.
pub(crate) fn ask(to: IpAddr, port: u16, path: &str, headers: &str) -> String {
    let mut answer = Vec::new();
    connect(to, port, path, &format!("connection: close\r\n{headers}")).read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// Sends a request without the token, and returns the whole response.
pub(crate) fn ask_as_stranger(to: IpAddr, port: u16, path: &str, headers: &str) -> String {
    let mut answer = Vec::new();
    let mut connection = connect_as_stranger(to, port, path, &format!("connection: close\r\n{headers}"));
    connection.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// Reads until the received text satisfies a condition, and returns the text.
pub(crate) fn listen(connection: &mut TcpStream, until: impl Fn(&str) -> bool) -> String {
    let (mut all, mut part) = (Vec::new(), [0; 65_536]);
    let patience = Instant::now() + PATIENCE;
    connection.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    loop {
        if let Ok(read) = connection.read(&mut part) {
            assert!(read > 0, "the stream has ended");
            all.extend_from_slice(&part[..read]);
        }
        let text = String::from_utf8_lossy(&all).into_owned();
        if until(&text) {
            return text;
        }
        assert!(Instant::now() < patience, "it never came: {text}");
    }
}

/// Sends a request over a new connection. Requests for the inspector contain the token.
pub(crate) fn connect(to: IpAddr, port: u16, path: &str, headers: &str) -> TcpStream {
    let token = match path.starts_with("/inspect") {
        true => format!("cookie: hardtack-inspect={TOKEN}\r\n"),
        false => String::new(),
    };
    connect_as_stranger(to, port, path, &format!("{token}{headers}"))
}

pub(crate) fn connect_as_stranger(to: IpAddr, port: u16, path: &str, headers: &str) -> TcpStream {
    let mut connection = TcpStream::connect((to, port)).unwrap();
    let host = if headers.to_ascii_lowercase().contains("host: ") { "" } else { "host: localhost\r\n" };
    write!(connection, "GET {path} HTTP/1.1\r\n{host}{headers}\r\n").unwrap();
    connection
}

/// Returns an address of this machine that other machines can reach. The address is found without sending a packet.
pub(crate) fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    Some(socket.local_addr().ok()?.ip()).filter(|address| !address.is_loopback() && !address.is_unspecified())
}
