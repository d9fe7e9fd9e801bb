use std::net::Ipv4Addr;

use hardtack_bench_load::{Result, TASKS};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Mutex;

/// A logged-in session: 230 bytes of JSON.
const SESSION: &str = r#"{"_user_id":"7c9e6679-7425-40de-944b-e07fc1f90ae7","cart":[{"id":1042,"n":2},{"id":2718,"n":1}],"csrf_token":"8f14e45fceea167a5a36dedd4bea2543d01a2b7c","locale":"en-GB","name":"Ada King, Countess of Lovelace","visits":10000000000}"#;

/// The initial number of visits in the session.
const FIRST: u64 = 10_000_000_000;

/// Browsers that have logged in, one for each task. Each browser has one connection and several sessions.
pub(crate) struct Visitors {
    /// No task waits for a lock, because each task has its own browser.
    browsers: Vec<Mutex<Browser>>,
}

struct Browser {
    connection: TcpStream,
    /// For each session, its cookie and the count in the last response.
    sessions: Vec<(String, u64)>,
}

impl Visitors {
    /// Logs in the given number of sessions.
    pub(crate) async fn log_in(port: u16, sessions: u64) -> Result<Self> {
        let mut browsers = Vec::new();
        for _ in 0..TASKS {
            let connection = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
            connection.set_nodelay(true)?;
            let mut browser = Browser { connection, sessions: Vec::new() };
            for _ in 0..sessions / TASKS {
                browser.log_in().await?;
            }
            browsers.push(Mutex::new(browser));
        }
        Ok(Self { browsers })
    }

    /// Requests the page once with the session of the given number, and checks that the page has counted the visit.
    pub(crate) async fn visit(&self, number: u64) -> Result {
        let mut browser = self.browsers[(number % TASKS) as usize].lock().await;
        browser.visit((number / TASKS) as usize).await
    }
}

impl Browser {
    async fn log_in(&mut self) -> Result {
        let length = SESSION.len();
        let request = format!(
            "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\n\r\n{SESSION}"
        );
        let (head, _) = self.ask(&request).await?;
        let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: "));
        let cookie = cookie.and_then(|cookie| cookie.split(';').next()).ok_or("the login sets a cookie")?;
        self.sessions.push((cookie.to_owned(), FIRST));
        Ok(())
    }

    async fn visit(&mut self, number: usize) -> Result {
        let (cookie, count) = &self.sessions[number];
        let next = count + 1;
        let request = format!("GET / HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n");
        let (_, body) = self.ask(&request).await?;
        if body != next.to_string() {
            return Err(format!("the visit counted {body} instead of {next}").into());
        }
        self.sessions[number].1 = next;
        Ok(())
    }

    /// Sends a request, and returns the head and the body of the response, which must have the status 200 and a
    /// `Content-Length`.
    async fn ask(&mut self, request: &str) -> Result<(String, String)> {
        self.connection.write_all(request.as_bytes()).await?;
        let mut answer = Vec::with_capacity(1024);
        loop {
            if self.connection.read_buf(&mut answer).await? == 0 {
                return Err("the server closed the connection".into());
            }
            let text = std::str::from_utf8(&answer)?;
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() < length.ok_or("the response has no Content-Length")?.parse()? {
                continue;
            }
            if !head.starts_with("HTTP/1.1 200") {
                return Err(text.to_owned().into());
            }
            return Ok((head.to_owned(), body.to_owned()));
        }
    }
}
