//! Runs each example and checks its behavior. The programs in the README and in the guide are exact copies of examples.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

const README: &str = include_str!("../../../README.md");
const FROM_FLASK: &str = include_str!("../docs/from_flask.md");
const SECRET: &str = "a secret of more than sixteen bytes";

/// How long a program may take before it listens.
const PATIENCE: Duration = Duration::from_secs(300);

#[test]
fn every_example_says_how_to_run_it_and_is_run_here() {
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/examples")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.file_stem().unwrap().to_str().unwrap();
            let source = std::fs::read_to_string(&path).unwrap();
            let how = format!("cargo run -p hardtack --example {name}`");
            assert!(source.lines().next().unwrap().contains(&how), "{name} does not say how to run it");
            assert!(
                include_str!("examples.rs").contains(&format!("(\"{name}\"")),
                "{name} is run by no test"
            );
        }
    }
}

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

#[test]
fn the_login_lets_only_the_right_password_in() {
    let mut server = Server::start("login");
    let stranger = server.get(3003, None);
    assert!(stranger.contains("location: /login?next=/\r\n"), "{stranger}");
    let wrong = server.post(3003, "/login", None, "name=jane&password=wrong");
    assert!(wrong.starts_with("HTTP/1.1 401") && !wrong.contains("set-cookie"), "{wrong}");
    let right = server.post(3003, "/login?next=/", None, "name=jane&password=secret123");
    assert!(right.contains("location: /\r\n"), "{right}");
    let cookie = cookie_in(&right);
    let home = server.get(3003, Some(&cookie));
    assert!(home.contains("<p>Welcome back</p><h1>Hello jane</h1>"), "{home}");
    server.post(3003, "/logout", Some(&cookie), "");
    let after = server.get(3003, Some(&cookie));
    assert!(after.contains("location: /login?next=/\r\n"), "{after}");
}

#[test]
fn the_devices_are_listed_and_ended() {
    let mut server = Server::start("devices");
    let stranger = server.get(3004, None);
    assert!(stranger.starts_with("HTTP/1.1 200"), "{stranger}");
    let [one, two, three] = [(); 3].map(|()| cookie_in(&server.post(3004, "/login", None, "")));
    let list = server.get(3004, Some(&one));
    assert_eq!((list.matches("<li>").count(), list.matches("(this one)").count()), (3, 1), "{list}");
    let handle = list.split("value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    server.post(3004, "/end", Some(&one), &format!("device={handle}"));
    assert_eq!(server.get(3004, Some(&one)).matches("<li>").count(), 2);
    server.post(3004, "/end-others", Some(&one), "");
    assert_eq!(server.get(3004, Some(&one)).matches("<li>").count(), 1);
    for other in [two, three] {
        assert_eq!(server.get(3004, Some(&other)).matches("<li>").count(), 0);
    }
}

#[test]
#[ignore = "needs Flask, which ./test installs"]
fn flask_and_rust_count_the_same_visits() {
    let program = |source: &'static str| source.split_once("\n\n").unwrap().1;
    let (rust, flask) = (include_str!("../examples/flask.rs"), include_str!("../examples/flask_app.py"));
    assert!(
        FROM_FLASK.contains(&format!("```no_run\n{}```", program(rust))),
        "the guide shows another flask.rs"
    );
    assert!(
        FROM_FLASK.contains(&format!("```python\n{}```", program(flask))),
        "the guide shows another flask_app.py"
    );

    let python =
        std::env::var("HARDTACK_PYTHON").expect("HARDTACK_PYTHON names a Python that has Flask: run ./test");
    let mut flask = Command::new(python);
    flask.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/flask_app.py")).env("SECRET_KEY", SECRET);
    let mut flask = Server::run(flask.stdout(Stdio::null()).stderr(Stdio::null()));
    let mut rust = Server::start("flask");
    let first = flask.get(5005, None);
    assert!(first.ends_with("Visit number 1, says Flask"), "{first}");
    let second = rust.get(3005, Some(&cookie_in(&first)));
    assert!(second.ends_with("Visit number 2, says Rust"), "{second}");
    let third = flask.get(5005, Some(&cookie_in(&second)));
    assert!(third.ends_with("Visit number 3, says Flask"), "{third}");
}

fn runs_as_written(name: &str, port: u16, source: &str) {
    let program = source.split_once("\n\n").unwrap().1;
    assert!(
        README.contains(&format!("```rust\n{program}```")),
        "the README does not show examples/{name}.rs as it is"
    );
    let mut server = Server::start(name);
    let first = server.get(port, None);
    assert!(first.ends_with("Visit number 1"), "{first}");
    let second = server.get(port, Some(&cookie_in(&first)));
    assert!(second.ends_with("Visit number 2"), "{second}");
}

/// Returns the pair in the `Set-Cookie` of a response.
fn cookie_in(answer: &str) -> String {
    let at =
        answer.to_ascii_lowercase().find("set-cookie: ").unwrap_or_else(|| panic!("no cookie: {answer}"));
    answer[at + "set-cookie: ".len()..].split(';').next().unwrap().to_owned()
}

/// Returns the path of an example. Cargo builds the examples with the tests, but not if only one test target is
/// selected.
fn example(name: &str) -> PathBuf {
    let built = Command::new(env!("CARGO"))
        .args([
            "build",
            "--quiet",
            // The dependencies are then those of this test.
            "--profile=test",
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

/// A running program, which is killed when dropped.
struct Server {
    child: Child,
    /// Its working folder, where it also creates files.
    _folder: TempDir,
}

impl Server {
    fn start(name: &str) -> Self {
        Self::run(Command::new(example(name)).env("SECRET_KEY", SECRET).stderr(Stdio::inherit()))
    }

    fn run(program: &mut Command) -> Self {
        let folder = TempDir::new().unwrap();
        Self { child: program.current_dir(&folder).spawn().unwrap(), _folder: folder }
    }

    fn get(&mut self, port: u16, cookie: Option<&str>) -> String {
        self.ask(port, cookie, "GET / HTTP/1.1", "")
    }

    fn post(&mut self, port: u16, path: &str, cookie: Option<&str>, form: &str) -> String {
        self.ask(port, cookie, &format!("POST {path} HTTP/1.1"), form)
    }

    /// Sends a request, and retries until the server listens or exits.
    fn ask(&mut self, port: u16, cookie: Option<&str>, line: &str, form: &str) -> String {
        let begun = Instant::now();
        let mut stream = loop {
            match TcpStream::connect(("localhost", port)) {
                Ok(stream) => break stream,
                Err(error) => {
                    assert!(
                        self.child.try_wait().unwrap().is_none(),
                        "the program ended; is port {port} taken?"
                    );
                    assert!(begun.elapsed() < PATIENCE, "the program does not listen: {error}");
                    std::thread::yield_now();
                }
            }
        };
        let cookie = cookie.map(|cookie| format!("cookie: {cookie}\r\n")).unwrap_or_default();
        let length = form.len();
        write!(
            stream,
            "{line}\r\nhost: localhost\r\nconnection: close\r\n{cookie}\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {length}\r\n\r\n{form}"
        )
        .unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        response
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
