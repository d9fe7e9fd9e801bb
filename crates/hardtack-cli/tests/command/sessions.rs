//! Tests `hardtack sessions` on SQLite, PostgreSQL, and Redis.

use hardtack_engines::{Postgres, Redis};
use hardtack_stores::AnyStore;
use serde_json::Value as Json;

use crate::fixture::{Fixture, fill};
use crate::program::{Outcome, finish, hardtack};

/// Runs `hardtack sessions` on a store whose URL is in the environment variable `HARDTACK_STORE`.
fn sessions(url: &str, words: &str) -> Outcome {
    finish(hardtack().arg("sessions").args(words.split(' ')).env("HARDTACK_STORE", url), b"")
}

fn handles(url: &str, words: &str) -> Vec<String> {
    let json = sessions(url, words).json();
    let listed = json.as_array().expect("a list");
    let mut handles: Vec<_> =
        listed.iter().map(|session| session["session"].as_str().expect("a handle").to_owned()).collect();
    handles.sort();
    handles
}

/// Lists, shows, revokes, and purges sessions, as an operator does.
fn manage_sessions(url: &str) {
    let of = |digits: &[&str]| digits.iter().map(|digit| digit.repeat(12)).collect::<Vec<_>>();
    assert_eq!(handles(url, "list --json"), of(&["1", "2", "3", "4"]));
    assert_eq!(handles(url, "list --json --all"), of(&["1", "2", "3", "4", "5"]));
    assert_eq!(handles(url, "list --json --user jane"), of(&["1", "2"]));
    assert_eq!(handles(url, "list --json --older-than 90m"), of(&["2", "3"]));
    assert_eq!(handles(url, "list --json --idle-longer-than 7d"), of(&["3"]));
    assert_eq!(handles(url, "list --json --limit 2").len(), 2);

    let shown = sessions(url, "show 11111111 --json").json();
    assert_eq!((&shown["user"], &shown["label"]), (&Json::from("jane"), &Json::from("phone")));
    assert_eq!(shown["values"]["word"]["type"], "str");
    assert_eq!(
        sessions(url, "show 11111111 --values --json").json()["values"]["word"]["text"],
        "\"hunter2\""
    );
    assert!(!sessions(url, "show 11111111").stdout.contains("hunter2"), "values are hidden");

    // Revoking the old key of a renewed session ends the session under its new key.
    assert_eq!(sessions(url, "revoke 55555555 --json").json()["ended"], 1);
    assert_eq!(handles(url, "list --json"), of(&["1", "2", "3"]));
    assert_eq!(sessions(url, "purge --idle-longer-than 7d --dry-run --json").json()["old"], 1);
    assert_eq!(handles(url, "list --json").len(), 3);
    assert_eq!(sessions(url, "purge --idle-longer-than 7d --json").json()["old"], 1);
    assert_eq!(handles(url, "list --json"), of(&["1", "2"]));
    assert_eq!(sessions(url, "revoke --user jane").code, Some(2));
    assert_eq!(handles(url, "list --json").len(), 2, "nothing is revoked without --yes");
    assert_eq!(sessions(url, "revoke --user jane --yes --json").json()["ended"], 2);
    assert_eq!(handles(url, "list --json"), Vec::<String>::new());
    assert_eq!(sessions(url, "revoke --all --yes --json").json()["ended"], 0);
}

fn filled(url: &str) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async { fill(&AnyStore::open(url).await.expect("a store")).await });
}

#[test]
fn a14_an_operator_manages_sessions_in_sqlite() {
    let fixture = Fixture::new();
    fixture.fill_store();
    manage_sessions(&fixture.store_url());
    println!("summary: hardtack sessions: SQLite");
}

#[test]
#[ignore = "needs PostgreSQL"]
fn a14_an_operator_manages_sessions_in_postgres() {
    let server = Postgres::start().expect("a server");
    filled(&server.url());
    manage_sessions(&server.url());
    println!("summary: hardtack sessions: {}", server.version());
}

#[test]
#[ignore = "needs Redis"]
fn a14_an_operator_manages_sessions_in_redis() {
    let server = Redis::start().expect("a server");
    filled(&server.url());
    manage_sessions(&server.url());
    println!("summary: hardtack sessions: {}", server.version());
}

#[test]
fn the_error_for_an_unreachable_store_omits_its_password() {
    for url in [
        "postgres://ada:hunter2@127.0.0.1:1/db",
        "redis://:hunter2@127.0.0.1:1",
        "mysql://a:hunter2@127.0.0.1:1/db",
    ] {
        let outcome = sessions(url, "list");
        assert_eq!(outcome.code, Some(4), "{outcome:?}");
        assert!(!outcome.stderr.contains("hunter2") && outcome.stderr.contains("hardtack: "), "{outcome:?}");
    }
}

#[test]
fn a_file_that_is_not_a_store_is_not_changed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("notes.txt");
    std::fs::write(&path, "these are my notes, and no database at all, however long they become".repeat(20))
        .expect("a file");
    let before = std::fs::read(&path).expect("a file");
    let outcome = sessions(&format!("sqlite:{}", path.display()), "list");
    assert_eq!(outcome.code, Some(4), "{outcome:?}");
    assert_eq!(std::fs::read(&path).expect("a file"), before);
}
