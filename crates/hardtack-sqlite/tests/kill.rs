//! Killed fifty times in the middle of writing, the store has every write that it acknowledged.
//!
//! The test starts this same program again as its child, which writes from 64 tasks and sends each acknowledgement down
//! a pipe. After a number of them the child is killed, without a chance to finish anything.

#![cfg(unix)]

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use hardtack_core::session::{Record, StoreKey};
use hardtack_core::store::{SessionStore, Swap};
use hardtack_sqlite::SqliteStore;

type Result<T = (), E = Box<dyn std::error::Error + Send + Sync>> = std::result::Result<T, E>;

const KILLS: u64 = 50;
const ACKNOWLEDGEMENTS_A_LIFE: u64 = 400;
const TASKS: u64 = 64;

/// In this variable the child finds the file; without it, this program is the parent.
const FILE: &str = "HARDTACK_KILL_TEST_FILE";

#[test]
fn every_acknowledged_write_survives_being_killed() -> Result {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("sessions.db");
    let mut acknowledged = HashMap::new();
    let mut count = 0;
    for life in 1..=KILLS {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["the_child_that_is_killed", "--exact", "--ignored", "--nocapture"])
            .env(FILE, &file)
            .stdout(Stdio::piped())
            .spawn()?;
        let output = child.stdout.take().ok_or("the pipe was asked for")?;
        let mut lines = BufReader::new(output).lines();
        let mut seen = 0;
        // Lives of different lengths: some end early in a group, some late.
        let enough = ACKNOWLEDGEMENTS_A_LIFE + life * 7 % 64;
        while let Some(line) = lines.next() {
            seen += take_note(&line?, &mut acknowledged)?;
            if seen == enough {
                child.kill()?;
                break;
            }
        }
        assert!(seen >= enough, "child {life} ended by itself after {seen} acknowledgements");
        // What it had acknowledged before it died, and nobody had read yet.
        for line in lines {
            seen += take_note(&line?, &mut acknowledged)?;
        }
        let status = child.wait()?;
        assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(9));
        count += seen;
    }

    let lost = pollster::block_on(async {
        let store = SqliteStore::open(&file).await?;
        let mut lost = 0;
        for (&session, &value) in &acknowledged {
            let held = store.load(&key(session)).await?.map_or(0, |held| value_of(&held.record));
            lost += u64::from(held < value);
        }
        Result::Ok(lost)
    })?;
    let check: String = rusqlite::Connection::open(&file)?
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    println!("{KILLS} kills, {count} acknowledged writes to {} sessions, {lost} lost", acknowledged.len());
    assert!(count >= 10_000);
    assert_eq!(acknowledged.len() as u64, TASKS * SESSIONS_A_TASK + TASKS * (KILLS - 1));
    assert_eq!((lost, check.as_str()), (0, "ok"));
    Ok(())
}

/// Not a test by itself: what the test above starts, and kills.
#[test]
#[ignore = "the test in this file runs it"]
fn the_child_that_is_killed() -> Result {
    let Some(file) = std::env::var_os(FILE) else { return Ok(()) };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build()?;
    runtime.block_on(async {
        let store = SqliteStore::open(file).await?;
        let tasks: Vec<_> = (0..TASKS).map(|task| tokio::spawn(write(store.clone(), task))).collect();
        for task in tasks {
            task.await??;
        }
        Ok(())
    })
}

/// Writes ever larger values to a few sessions of its own, and now and then to a new one, until it is killed.
async fn write(store: SqliteStore, task: u64) -> Result {
    unimplemented!()
}
