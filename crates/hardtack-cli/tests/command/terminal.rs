//! What others have written does not control the terminal that it is printed on.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use hardtack_core::base64;
use hardtack_core::protocol::{Content, Dictionary, Lineage, Login, Owner, Purpose, Record};
use hardtack_core::store::{SessionStore, Swap};
use hardtack_stores::AnyStore;

use crate::bad_site::BadSite;
use crate::fixture::key;

/// A title, a cleared screen, the same by C1, another direction, and a mark of the command's own styles.
const EVIL: &str = "\x1b]0;owned\x07\x1b[2J\u{9b}2J\u{9d}0;owned\u{9c}\u{202e}\u{2066}\u{200b}\x7f\rX";

/// What a terminal is sent when the command runs on it; `None` where there is none.
fn on_terminal(arguments: &str) -> Option<String> {
    let program = format!("{} {arguments}", env!("CARGO_BIN_EXE_hardtack"));
    let mut script = Command::new("script");
    script.args(["-qec", &program, "/dev/null"]).env("TERM", "xterm").env_remove("NO_COLOR");
    match script.stdin(Stdio::null()).output() {
        Err(error) if std::env::var_os("CI").is_none() => {
            println!("summary: skipped: text of others on a terminal: there is no `script` ({error})");
            None
        }
        output => {
            Some(String::from_utf8_lossy(&output.expect("`script` gives a terminal").stdout).into_owned())
        }
    }
}

/// Returns whether a terminal was sent only text, line ends, and the command's own styles.
fn is_harmless(shown: &str) -> bool {
    let mut rest = shown.to_owned();
    for own in ["\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[4m", "\x1b[31m", "\x1b[32m", "\x1b[33m", "\r\n"] {
        rest = rest.replace(own, "");
    }
    !rest.contains(|char: char| {
        char != '\t' && char.is_control()
            || matches!(char, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
    })
}

fn assert_harmless(arguments: &str, tells: &str) {
    let Some(shown) = on_terminal(arguments) else { return };
    assert!(is_harmless(&shown), "{arguments}: {shown:?}");
    assert!(shown.contains(tells), "{arguments} shows {tells}: {shown:?}");
}

#[test]
fn inspect_does_not_hand_a_cookie_to_the_terminal() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("cookie");
    // A semicolon would end the value.
    let evil = EVIL.replace(';', "");
    let json = base64::encode_url(format!(r#"{{"a{e}":"{e}"}}"#, e = "\u{202e}\u{9b}2J").as_bytes());
    for (cookie, tells) in [
        (evil.clone(), "\\u{1b}]0owned"),
        (format!("name={evil}"), "\\u{1b}]0owned"),
        (format!("{evil}=value"), "\\u{1b}]0owned"),
        (format!("session={evil}.ZVPxAA.D3QXMI0ZQYNZDxORB__kVZyT7hk"), "session"),
        (format!("session={json}.ZVPxAA.D3QXMI0ZQYNZDxORB__kVZyT7hk"), "\\u{202e}\\u{9b}2J"),
        (format!("Set-Cookie: {evil}={EVIL}; Path=/{EVIL}; Domain={EVIL}"), "X"),
        (format!("Cookie: a={EVIL}; {evil}=1"), "X"),
    ] {
        fs::write(&file, cookie).expect("a file");
        for json in ["", "--json"] {
            assert_harmless(
                &format!("inspect {json} - < {}", file.display()),
                if json.is_empty() { tells } else { "[" },
            );
        }
    }
}

#[test]
fn a_mistake_on_the_command_line_does_not_reach_the_terminal_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("cookie");
    fs::write(&file, EVIL).expect("a file");
    for arguments in ["inspect x", "jar show --from", "inspect --name", "sessions list --store", "sign --"] {
        let Some(shown) = on_terminal(&format!("{arguments} \"$(cat {})\"", file.display())) else { return };
        assert!(is_harmless(&shown), "{arguments}: {shown:?}");
    }
}

#[test]
fn jars_do_not_control_the_terminal() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("cookies.txt");
    // A file of cookies is refused line by line where it has control characters.
    let evil: String = EVIL.chars().filter(|char| !char.is_control() && *char != ';').collect();
    fs::write(&file, format!("shop.example\tFALSE\t/\tTRUE\t4102444800\tid{evil}\tvalue{evil}\n{EVIL}\n"))
        .expect("a file");
    let file = file.display();
    for (arguments, tells) in [
        (format!("jar show {file} --values"), "\\u{202e}"),
        (format!("jar show {file} --values --json"), "\\u202e"),
        (format!("jar export {file} --to netscape"), "shop.example"),
        (format!("jar export {file} --to netscape --output {file}.out"), "written"),
    ] {
        assert_harmless(&arguments, tells);
    }
}

/// A store in which the user's name, the label, a key, and a value are evil.
fn evil_store(folder: &Path) -> String {
    let url = format!("sqlite:{}", folder.join("sessions.db").display());
    let now = SystemTime::now();
    let text = serde_json::json!({ "_user_id": EVIL, EVIL: EVIL }).to_string();
    let record = Record::new(
        Purpose::default(),
        Content::Live(Dictionary::parse(text.as_str()).expect("a session")).to_data(),
        now,
    )
    .login(Some(Login::new(Owner::new(EVIL), Lineage::from_random([7; 16]))))
    .label(Some(EVIL.into()))
    .expires_at(now + Duration::from_secs(86_400))
    .deadline(now + Duration::from_secs(86_400));
    tokio::runtime::Runtime::new().expect("a runtime").block_on(async {
        let store = AnyStore::open(&url).await.expect("a store");
        let swap = store.create(&key(1), &record).await.expect("a store that works");
        assert_ne!(swap, Swap::Refused);
    });
    url
}

#[test]
fn users_and_labels_do_not_control_the_terminal() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = evil_store(folder.path());
    for (arguments, tells) in [
        ("sessions list", "\\u{1b}]0;owned"),
        ("sessions list --json", "\\u001b]0;owned"),
        ("sessions show 11111111 --values", "\\u{1b}]0;owned"),
        ("sessions show 11111111 --values --json", "\\u009b2J"),
        ("sessions revoke 11111111 2>/dev/null", "1 revoked"),
    ] {
        let (verb, more) = arguments.split_at(arguments.find(" 11111111").unwrap_or(arguments.len()));
        assert_harmless(&format!("{verb} --store {url} {more}"), tells);
    }
}

#[test]
fn an_audited_site_does_not_control_the_terminal() {
    let site = BadSite::start();
    for json in ["", "--json"] {
        // The bar that shows how far it is controls the terminal by right.
        assert_harmless(&format!("audit {} --path /steering {json} 2>/dev/null", site.url()), "session");
    }
}

/// A folder in which a file has an evil name; what a shell needs to name it there.
fn evil_file(folder: &Path, text: &str) -> String {
    fs::write(folder.join(EVIL), text).expect("a file");
    let name = folder.join("name");
    fs::write(&name, EVIL).expect("a file");
    format!("\"{}/$(cat {})\"", folder.display(), name.display())
}

#[test]
fn names_of_files_do_not_control_the_terminal() {
    let folder = tempfile::tempdir().expect("a folder");
    let cookies = "shop.example\tFALSE\t/\tTRUE\t0\tid\t1\nshop.example\tFALSE\n";
    let file = evil_file(folder.path(), cookies);
    let jar = folder.path().join("jar.json").display().to_string();
    let tells = "\\u{1b}]0;owned";
    for arguments in [
        format!("jar show {file}"),
        format!("audit http://127.0.0.1:1/ --jar {file} 2>&1 | cat"),
        format!("jar import {file} --output {jar}"),
        format!("jar import {file} --output {jar} --json"),
        format!("jar import {jar} --output {file}"),
        format!("jar export {jar} --to whole --output {file}"),
        format!("jar remove {file} --domain shop.example"),
        format!("jar remove {file} --domain other.example"),
        format!("sign {file}/x --key file:{file}"),
        format!("inspect x --key file:{file}/x"),
        format!("man --output {file}"),
        format!("help {file}"),
        format!("sessions list --store sqlite:{file}/x"),
        format!("jar header http://127.0.0.1:1/ {file}"),
    ] {
        let tells = match arguments.split(' ').next() {
            // A URL of a store is shown percent-encoded.
            Some("sessions") => "%1B]0;owned",
            Some("jar") if arguments.starts_with("jar header") || arguments.ends_with("--json") => "",
            _ => tells,
        };
        assert_harmless(&arguments, tells);
    }
}

#[test]
fn whole_responses_do_not_control_the_terminal() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("response");
    let evil = EVIL.replace(['\r', ';'], "");
    for text in [
        format!(
            "HTTP/1.1 302 {evil}\r\nSet-Cookie: {evil}={evil}; Path=/{evil}\r\nLocation: /{evil}\r\n\r\nHTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\n"
        ),
        format!(
            "> GET /{evil} HTTP/1.1\n> Host: {evil}\n>\n< HTTP/1.1 200 OK\n< Set-Cookie: {evil}=1; Domain={evil}\n"
        ),
    ] {
        fs::write(&file, text).expect("a file");
        for more in ["", "--json", "--name x", "--url https://shop.example/"] {
            assert_harmless(&format!("inspect - {more} < {}", file.display()), "");
        }
    }
}

#[test]
fn headers_and_removals_do_not_control_the_terminal() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("cookies.txt");
    let evil: String = EVIL.chars().filter(|char| !char.is_control() && *char != ';').collect();
    let line = format!("shop.example\tFALSE\t/\tTRUE\t0\tid{evil}\tvalue{evil}\n");
    fs::write(&file, line + "shop.example\tFALSE\t/\tTRUE\t1\tid\u{202e}\tx\n").expect("a file");
    let file = file.display();
    for (arguments, tells) in [
        (format!("jar header https://shop.example/ {file}"), ""),
        (format!("jar header https://shop.example/ {file} --json"), "header"),
        (format!("jar show {file}"), "expired"),
        (format!("jar remove {file} --domain shop.example --name $(cat {file})"), "unexpected"),
        (format!("jar import {file} --output -"), "imported"),
        (format!("jar remove - --domain other.example < {file}"), "no matching cookie"),
        (format!("jar remove {file} --domain shop.example"), "removed"),
    ] {
        assert_harmless(&arguments, tells);
    }
}

#[test]
fn a_page_that_is_not_reached_does_not_control_the_terminal() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("url");
    fs::write(&file, EVIL.replace(['\r', '\u{7}'], "")).expect("a file");
    for json in ["", "--json"] {
        let arguments = format!("audit \"http://127.0.0.1:1/$(cat {})\" {json} 2>/dev/null", file.display());
        assert_harmless(&arguments, "127.0.0.1:1");
    }
}
