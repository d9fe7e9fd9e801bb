//! Tests reading the cookie databases of real browsers: the profiles of Chromium and Firefox after one visit, and a
//! write-ahead log.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::SystemTime;
use std::{env, fs, thread};

use hardtack_jar::{ChromiumKey, Format, Import, Jar, SameSite, StoredCookie, read_file};
use rusqlite::Connection;

/// The lines that the server sets: a cookie for each kind of `SameSite`, and a session cookie.
const LINES: [&str; 5] = [
    "lax=a3fWa; Max-Age=3600; Path=/; HttpOnly; SameSite=Lax",
    "strict=; Max-Age=3600; Path=/; SameSite=Strict",
    "none=\u{fc}; Max-Age=3600; Path=/; SameSite=None; Secure",
    "plain=1; Max-Age=3600; Path=/",
    "session=1; Path=/",
];

/// Starts a server that sets the cookies on each page, and returns its URL. The server runs until the test ends.
fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://localhost:{}/", listener.local_addr().expect("an address").port());
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || {
                let mut reader = BufReader::new(stream);
                let mut line = String::new();
                while reader.read_line(&mut line).is_ok_and(|length| length > 2) {
                    line.clear();
                }
                let mut response = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n".to_owned();
                for line in LINES {
                    response += &format!("Set-Cookie: {line}\r\n");
                }
                // Writing fails if the browser has closed the connection, which is fine.
                let _ = reader.get_mut().write_all((response + "\r\nhi").as_bytes());
            });
        }
    });
    url
}

fn version(program: &Path) -> String {
    let output = Command::new(program).arg("--version").output().expect("the browser says its version");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn run(command: &mut Command) -> Output {
    let output = command.stdin(Stdio::null()).output().expect("the browser starts");
    assert!(output.status.success(), "{output:?}");
    output
}

/// Describes each cookie in a jar, without its times.
fn shown(jar: &Jar) -> Vec<String> {
    let show = |cookie: &StoredCookie| {
        format!(
            "{}={} {} {} secure={} http-only={} {}",
            String::from_utf8_lossy(cookie.name()),
            String::from_utf8_lossy(cookie.value()),
            cookie.domain(),
            cookie.path(),
            cookie.is_secure(),
            cookie.is_http_only(),
            cookie.same_site().map_or("unspecified", SameSite::as_str),
        )
    };
    let mut shown: Vec<_> = jar.iter().map(show).collect();
    shown.sort();
    shown
}

const EXPECTED: [&str; 4] = [
    "lax=a3fWa localhost / secure=false http-only=true Lax",
    "none=\u{fc} localhost / secure=true http-only=false None",
    "plain=1 localhost / secure=false http-only=false unspecified",
    "strict= localhost / secure=false http-only=false Strict",
];

#[test]
#[ignore = "needs Chromium"]
fn the_profile_of_a_real_chromium_is_read_with_its_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = env::var_os("HARDTACK_CHROMIUM").unwrap_or_else(|| "/usr/bin/chromium".into());
    run(Command::new(&program)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"])
        .args(["--password-store=basic", "--dump-dom"])
        .arg(format!("--user-data-dir={}", folder.path().display()))
        .arg(serve()));
    let now = SystemTime::now();
    let text = read_file(folder.path().join("Default/Cookies")).expect("a database");
    assert_eq!(Format::detect(&text).expect("known"), Format::Chromium);
    let mut jar = Jar::new();
    let imported = jar.import_with(&Import::new(), &text, now).expect("a database");
    assert_eq!(imported.taken(), 0, "no value is in the clear");
    assert!(imported.left_out().len() >= EXPECTED.len(), "{imported:?}");
    let key = ChromiumKey::linux("peanuts");
    let imported = jar.import_with(&Import::new().chromium_key(&key), &text, now).expect("a database");
    assert_eq!(imported.left_out(), []);
    // Some versions of Chromium also write session cookies, but remove them at the next start.
    jar.end_session();
    assert_eq!(shown(&jar), EXPECTED);
    assert!(jar.iter().all(|cookie| cookie.updated().is_some_and(|updated| updated <= now)));
    println!("summary: the jar reads the profile of {}", version(Path::new(&program)));
}

#[test]
#[ignore = "needs Firefox"]
fn the_profile_of_a_real_firefox_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = Path::new("/usr/bin/firefox-esr");
    run(Command::new(program)
        .env("HOME", folder.path())
        .args(["--headless", "--no-remote", "--profile"])
        .arg(folder.path())
        .arg("--screenshot")
        .arg(folder.path().join("page.png"))
        .arg(serve()));
    let text = read_file(folder.path().join("cookies.sqlite")).expect("a database");
    assert_eq!(Format::detect(&text).expect("known"), Format::Firefox);
    let mut jar = Jar::new();
    let imported = jar.import_with(&Import::new(), &text, SystemTime::now()).expect("a database");
    assert_eq!(imported.left_out(), []);
    assert_eq!(shown(&jar), EXPECTED);
    println!("summary: the jar reads the profile of {}", version(program));
}

#[test]
fn the_cookies_in_a_log_that_is_not_in_the_database_yet_are_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("cookies.sqlite");
    let running = Connection::open(&path).expect("a database");
    let columns = "name TEXT, value TEXT, host TEXT, path TEXT, expiry INTEGER";
    running
        .execute_batch(&format!(
            "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; PRAGMA user_version = 16;
             CREATE TABLE moz_cookies ({columns});
             PRAGMA wal_checkpoint(TRUNCATE);
             INSERT INTO moz_cookies VALUES ('late', '1', '.example.com', '/', 4000000000000)"
        ))
        .expect("a table");
    let now = SystemTime::now();
    let taken = |text: &[u8]| Jar::new().import(Format::Firefox, text, now).expect("a database").taken();
    assert_eq!(taken(&fs::read(&path).expect("a file")), 0);
    assert_eq!(taken(&read_file(&path).expect("a database")), 1);
    // The browser's files are unchanged.
    assert!(fs::metadata(folder.path().join("cookies.sqlite-wal")).expect("a log").len() > 0);
    drop(running);
}

#[test]
fn a_database_of_another_program_is_named() {
    let mut connection = Connection::open_in_memory().expect("a database");
    connection.execute_batch("CREATE TABLE notes (text TEXT)").expect("a table");
    let text = connection.serialize("main").expect("its bytes");
    let error = Format::detect(&text).expect_err("no cookies");
    assert!(error.to_string().starts_with("this is another program's SQLite database"), "{error}");
    for format in [Format::Firefox, Format::Chromium] {
        let error = Jar::new().import(format, &*text, SystemTime::now()).expect_err("no cookies");
        assert!(error.to_string().contains("has no table"), "{error}");
    }
}

#[test]
fn a_damaged_database_is_an_error_and_no_panic() {
    let mut connection = Connection::open_in_memory().expect("a database");
    let row = "INSERT INTO moz_cookies VALUES ('a', '1', '.example.com', '/', 4000000000)";
    connection
        .execute_batch(&format!(
            "CREATE TABLE moz_cookies (name TEXT, value TEXT, host TEXT, path TEXT, expiry INTEGER); {row}"
        ))
        .expect("a table");
    let text = connection.serialize("main").expect("its bytes").to_vec();
    let now = SystemTime::now();
    for length in (0..text.len()).step_by(97) {
        let _ = Jar::new().import(Format::Firefox, &text[..length], now);
    }
    for at in (0..text.len()).step_by(13) {
        let mut damaged = text.clone();
        damaged[at] ^= 0xff;
        let _ = Jar::new().import(Format::Firefox, &damaged, now);
        let _ = Format::detect(&damaged);
    }
}
