//! The README's programs are the examples, to the letter, and do what they say.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const README: &str = include_str!("../../../README.md");

#[test]
fn the_stored_program_counts_visits() {
    runs_as_written("stored", 3000, include_str!("../examples/stored.rs"));
}

#[test]
fn the_signed_program_counts_visits() {
    runs_as_written("signed", 3001, include_str!("../examples/signed.rs"));
}

#[test]
fn the_encrypted_program_counts_visits() {
    runs_as_written("encrypted", 3002, include_str!("../examples/encrypted.rs"));
}

fn runs_as_written(name: &str, port: u16, source: &str) {
    let program = source.split_once("\n\n").unwrap().1;
    assert!(
        README.contains(&format!("```rust\n{program}```")),
        "the README does not show examples/{name}.rs as it is"
    );
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server(
        Command::new(example(name))
            .current_dir(&folder)
            .env("SECRET_KEY", "a secret of more than sixteen bytes")
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap(),
    );
    let first = server.get(port, None);
    assert!(first.ends_with("Visit number 1"), "{first}");
    let cookie =
        first.split("set-cookie: ").nth(1).and_then(|rest| rest.split(';').next()).unwrap().to_owned();
    let second = server.get(port, Some(&cookie));
    assert!(second.ends_with("Visit number 2"), "{second}");
}

/// Cargo builds examples beside the tests, but not when a single test is asked for.
fn example(name: &str) -> PathBuf {
    let built = Command::new(env!("CARGO"))
        .args([
            "build",
            "--quiet",
            "--example",
            name,
            "--manifest-path",
            concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"),
        ])
        .status()
        .unwrap();
    assert!(built.success());
    let tests = std::env::current_exe().unwrap();
    tests.parent().unwrap().parent().unwrap().join("examples").join(name)
}

struct Server(Child);

impl Server {
    /// Asks until the server listens, as long as it runs.
    fn get(&mut self, port: u16, cookie: Option<&str>) -> String {
        let begun = Instant::now();
        let mut stream = loop {
            match TcpStream::connect(("localhost", port)) {
                Ok(stream) => break stream,
                Err(error) => {
                    assert!(self.0.try_wait().unwrap().is_none(), "the program ended; is port {port} taken?");
                    assert!(
                        begun.elapsed() < Duration::from_secs(60),
                        "the program does not listen: {error}"
                    );
                    std::thread::yield_now();
                }
            }
        };
        let cookie = cookie.map(|cookie| format!("cookie: {cookie}\r\n")).unwrap_or_default();
        write!(stream, "GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{cookie}\r\n").unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        response
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
