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

/// The maximum time until a program listens.
const PATIENCE: Duration = Duration::from_secs(300);

/// The maximum number of lines of an example, so that it can be read at a glance.
const MAX_LINES: usize = 60;

#[test]
fn every_example_says_how_to_run_it_and_is_run_here() {
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/examples")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.file_stem().unwrap().to_str().unwrap();
            let source = std::fs::read_to_string(&path).unwrap();
            // The example `testing` contains tests, which are run with all others.
            let how = if name == "testing" { "test" } else { "run" };
            let how = format!("cargo {how} -p hardtack --example {name}");
            let (_, rest) = source.lines().next().unwrap().split_once(&how).expect(name);
            let ends = ["`", " -- ", " --features metrics`"];
            assert!(ends.iter().any(|end| rest.starts_with(end)), "{name} does not say how to run it");
            assert!(source.lines().count() <= MAX_LINES, "{name} has more than {MAX_LINES} lines");
            assert!(
                include_str!("examples.rs").contains(&format!("(\"{name}\"")),
                "{name} is run by no test"
            );
        }
    }
}

#[test]
fn the_program_of_the_readme_counts_visits() {
    let program = include_str!("../examples/visits.rs").split_once("\n\n").unwrap().1;
    assert!(
        README.contains(&format!("```rust\n{program}```")),
        "the README does not show examples/visits.rs as it is"
    );
    let mut server = Server::start("visits");
    let first = server.get(3000, None);
    assert!(first.ends_with("Visit number 1"), "{first}");
    let second = server.get(3000, Some(&cookie_in(&first)));
    assert!(second.ends_with("Visit number 2"), "{second}");
}

#[test]
fn each_kind_of_session_counts_visits_and_says_what_the_browser_holds() {
    for kind in ["stored", "signed", "encrypted"] {
        let mut server = Server::start_with("kinds", &[kind], &[]);
        let first = server.get(3001, None);
        assert!(first.ends_with("The browser sent no cookie\nVisit number 1"), "{first}");
        let cookie = cookie_in(&first);
        let second = server.get(3001, Some(&cookie));
        assert!(second.ends_with(&format!("The browser sent {cookie}\nVisit number 2")), "{second}");
        // `{"visits":1}`
        assert_eq!(cookie.contains("=eyJ2aXNpdHMiOjF9."), kind == "signed", "{cookie}");
    }
}

#[test]
fn a_message_is_shown_once() {
    let mut server = Server::start("flash");
    let saved = server.post(3002, "/save", None, "");
    assert!(saved.contains("location: /\r\n"), "{saved}");
    let cookie = cookie_in(&saved);
    server.post(3002, "/delete", Some(&cookie), "");
    let home = server.get(3002, Some(&cookie));
    let both = "<p class=\"message\">Saved.</p><p class=\"error\">There is nothing to delete.</p>";
    assert!(home.contains(both), "{home}");
    let again = server.get(3002, Some(&cookie));
    assert!(again.starts_with("HTTP/1.1 200") && !again.contains("<p"), "{again}");
}

#[test]
fn logins_are_in_the_metrics() {
    let mut server = Server::start("metrics");
    let cookie = cookie_in(&server.ask(3012, None, "GET /login HTTP/1.1", ""));
    server.ask(3012, Some(&cookie), "GET /logout HTTP/1.1", "");
    let metrics = server.ask(3012, None, "GET /metrics HTTP/1.1", "");
    for line in
        ["hardtack_logins_total{session=\"session\"} 1", "hardtack_logouts_total{session=\"session\"} 1"]
    {
        assert!(metrics.contains(line), "{metrics}");
    }
    assert!(metrics.contains("# HELP hardtack_logins_total Users who logged in"), "{metrics}");
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
    let handle = list.split("action=\"/end/").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    server.post(3004, &format!("/end/{handle}"), Some(&one), "");
    assert_eq!(server.get(3004, Some(&one)).matches("<li>").count(), 2);
    server.post(3004, "/end-others", Some(&one), "");
    assert_eq!(server.get(3004, Some(&one)).matches("<li>").count(), 1);
    for other in [two, three] {
        assert_eq!(server.get(3004, Some(&other)).matches("<li>").count(), 0);
    }
}

#[test]
fn only_this_site_can_send_the_form() {
    let mut server = Server::start("csrf");
    let from = |site: &str| format!("POST /transfer HTTP/1.1\r\nsec-fetch-site: {site}");
    let sent = server.ask(3006, None, &from("same-origin"), "");
    let cookie = cookie_in(&sent);
    let forged = server.ask(3006, Some(&cookie), &from("cross-site"), "");
    assert!(forged.starts_with("HTTP/1.1 403"), "{forged}");
    let home = server.get(3006, Some(&cookie));
    assert!(home.contains("You have sent 10 euros."), "{home}");
}

#[test]
fn the_template_shows_the_session_escaped() {
    let mut server = Server::start("templates");
    let added = server.post(3007, "/", None, "note=Milk+%26+tea");
    let cookie = cookie_in(&added);
    let page = server.get(3007, Some(&cookie));
    assert!(page.contains("<p>Added.</p>\n<h1>Your notes</h1>\n<ul><li>Milk &amp; tea</li></ul>"), "{page}");
    assert!(page.contains("action=\"&#x2f;\""), "{page}");
    assert!(!server.get(3007, Some(&cookie)).contains("Added."));
}

#[test]
fn the_two_sessions_are_independent() {
    let mut server = Server::start("two_sessions");
    let visitor = cookie_in(&server.get(3008, None));
    let refused = server.ask(3008, Some(&visitor), "GET /admin HTTP/1.1", "");
    assert!(refused.contains("location: /?next=/admin\r\n"), "{refused}");
    let login = server.post(3008, "/admin/login", Some(&visitor), "");
    let admin = cookie_in(&login);
    assert!(visitor.starts_with("__Host-session=") && admin.starts_with("__Host-admin="), "{login}");
    let both = format!("{visitor}; {admin}");
    let console = server.ask(3008, Some(&both), "GET /admin HTTP/1.1", "");
    assert!(console.contains("Console of root"), "{console}");
    server.post(3008, "/admin/logout", Some(&both), "");
    let after = server.ask(3008, Some(&both), "GET /admin HTTP/1.1", "");
    assert!(after.contains("location: /?next=/admin\r\n"), "{after}");
    let home = server.get(3008, Some(&both));
    assert!(home.contains("Visit number 2"), "{home}");
}

#[test]
fn a_store_around_another_keeps_sessions() {
    let mut server = Server::start("custom_store");
    let first = server.get(3009, None);
    assert!(first.ends_with("Visits before: 0"), "{first}");
    let second = server.get(3009, Some(&cookie_in(&first)));
    assert!(second.ends_with("Visits before: 1"), "{second}");
}

#[test]
#[ignore = "needs Redis, which ./test installs"]
fn two_servers_share_sessions_in_redis() {
    let engine = hardtack_engines::Redis::start().unwrap();
    let url = engine.url();
    let mut server = Server::start_with("redis", &[], &[("REDIS_URL", &url)]);
    let first = server.get(3010, None);
    assert!(first.ends_with("Visit number 1, on any server"), "{first}");
    drop(server);
    let mut another = Server::start_with("redis", &[], &[("REDIS_URL", &url)]);
    let second = another.get(3010, Some(&cookie_in(&first)));
    assert!(second.ends_with("Visit number 2, on any server"), "{second}");
}

#[test]
fn the_tested_program_runs() {
    let mut server = Server::start("testing");
    let home = server.get(3011, None);
    assert!(home.ends_with("Hello stranger"), "{home}");
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

/// Returns the name and the value in the `Set-Cookie` of a response.
fn cookie_in(answer: &str) -> String {
    let at =
        answer.to_ascii_lowercase().find("set-cookie: ").unwrap_or_else(|| panic!("no cookie: {answer}"));
    answer[at + "set-cookie: ".len()..].split(';').next().unwrap().to_owned()
}

/// Builds an example, and returns the path of the program. Cargo builds the examples with the tests, but not if only
/// one test target is selected.
fn example(name: &str) -> PathBuf {
    let built = cargo()
        .args([
            "build",
            "--quiet",
            // With this profile, the compiled dependencies of this test are reused.
            "--profile=test",
            "--features=metrics",
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

/// Returns a cargo without the variables that describe this package. The build script of `ring` reads them, so this
/// cargo and the one that runs the tests would each build `ring` again after the other.
fn cargo() -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_MANIFEST_") || text.starts_with("CARGO_PKG_") {
            cargo.env_remove(&name);
        }
    }
    cargo
}

/// A running program, which is killed when dropped.
struct Server {
    child: Child,
    /// The program's working folder, in which it also creates files.
    _folder: TempDir,
}

impl Server {
    fn start(name: &str) -> Self {
        Self::start_with(name, &[], &[])
    }

    fn start_with(name: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut program = Command::new(example(name));
        program.args(arguments).env("SECRET_KEY", SECRET).envs(variables.iter().copied());
        Self::run(program.stderr(Stdio::inherit()))
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
