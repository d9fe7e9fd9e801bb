//! Killed fifty times in the middle of writing, the store has every write that it acknowledged.
//!
//! The test starts this same program again as its child, which writes from 64 tasks and sends each acknowledgement down
//! a pipe. After a number of them the child is killed, without a chance to finish anything.

#![cfg(unix)]

use std::collections::HashMap;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, UNIX_EPOCH};

use hardtack_core::session::{Record, StoreKey};
use hardtack_core::store::{SessionStore, Swap};
use hardtack_sqlite::SqliteStore;

type Result<T = (), E = Box<dyn std::error::Error + Send + Sync>> = std::result::Result<T, E>;

const KILLS: u64 = 50;
const ACKNOWLEDGEMENTS_A_LIFE: u64 = 400;
const TASKS: u64 = 64;
const SIGKILL: i32 = 9;

/// In this variable a child finds the file; without it, this program is the parent.
const FILE: &str = "HARDTACK_KILL_TEST_FILE";

#[test]
fn every_acknowledged_write_survives_being_killed() -> Result {
    if let Some(file) = std::env::var_os(FILE) {
        return write_until_killed(file);
    }
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("sessions.db");
    let mut acknowledged = HashMap::new();
    let mut count = 0;
    for life in 1..=KILLS {
        // Lives of different lengths: some end early in a group, some late.
        count += one_life(&file, ACKNOWLEDGEMENTS_A_LIFE + life * 7 % TASKS, &mut acknowledged)?;
    }
    let (lost, check) = pollster::block_on(missing(&file, &acknowledged))?;
    println!(
        "{KILLS} kills, {count} acknowledged writes to {} sessions, {lost} lost",
        acknowledged.len()
    );
    assert!(count >= 10_000, "only {count} acknowledged writes");
    assert_eq!((lost, check.as_str()), (0, "ok"));
    Ok(())
}

/// Starts a child and kills it after `enough` acknowledgements; notes all that it sent.
fn one_life(file: &Path, enough: u64, acknowledged: &mut HashMap<u64, u64>) -> Result<u64> {
    let mut child = Command::new(std::env::current_exe()?)
        .args(["every_acknowledged_write_survives_being_killed", "--exact", "--nocapture"])
        .env(FILE, file)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    let pipe = child.stderr.take().ok_or("the pipe was asked for")?;
    let mut seen = 0;
    // The loop reads on after the kill: what was sent before it died counts, too.
    for line in BufReader::new(pipe).lines() {
        let line = line?;
        let (session, value) = line.split_once(' ').ok_or(format!("the child said: {line}"))?;
        let latest = acknowledged.entry(session.parse()?).or_insert(0);
        *latest = value.parse::<u64>()?.max(*latest);
        seen += 1;
        if seen == enough {
            child.kill()?;
        }
    }
    assert_eq!(child.wait()?.signal(), Some(SIGKILL), "it ended by itself");
    Ok(seen)
}

/// How many sessions are not there or older than was acknowledged, and what SQLite says of the file.
async fn missing(file: &Path, acknowledged: &HashMap<u64, u64>) -> Result<(u64, String)> {
    let store = SqliteStore::open(file).await?;
    let mut lost = 0;
    for (&session, &value) in acknowledged {
        let stored = store.load(&key(session)).await?;
        let held = stored.map_or(Ok(0), |stored| value_of(&stored.record))?;
        lost += u64::from(held < value);
    }
    let check =
        rusqlite::Connection::open(file)?
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    Ok((lost, check))
}

fn write_until_killed(file: OsString) -> Result {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build()?;
    runtime.block_on(async {
        let store = SqliteStore::open(file).await?;
        let writing: Vec<_> =
            (0..TASKS).map(|task| tokio::spawn(write(store.clone(), task))).collect();
        for task in writing {
            task.await??;
        }
        Ok(())
    })
}

/// Writes ever larger values to a session of its own, and each value to a new session as well.
async fn write(store: SqliteStore, task: u64) -> Result {
    let own = key(task);
    let stored = match store.load(&own).await? {
        Some(stored) => stored,
        None => {
            let _ = store.create(&own, &record(0)).await?;
            store.load(&own).await?.ok_or("it was created")?
        }
    };
    let (mut version, mut value) = (stored.version, value_of(&stored.record)?);
    loop {
        value += 1;
        let Swap::Done(next) = store.replace(&own, version, &record(value)).await? else {
            return Err("nobody else writes to this session".into());
        };
        version = next;
        acknowledge(task, value)?;

        let new = value * TASKS + task;
        // Refused means that an earlier life wrote it and died before it could say so.
        let _ = store.create(&key(new), &record(value)).await?;
        acknowledge(new, value)?;
    }
}

/// One `write` of the system for one line: the kill cannot tear it.
fn acknowledge(session: u64, value: u64) -> Result {
    Ok(std::io::stderr().write_all(format!("{session} {value}\n").as_bytes())?)
}

fn key(number: u64) -> StoreKey {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    bytes[24..].copy_from_slice(&number.to_be_bytes());
    StoreKey::from_bytes(bytes)
}

fn record(value: u64) -> Record {
    let now = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    let mut data = value.to_be_bytes().to_vec();
    data.resize(200, b'.');
    Record {
        data: data.into(),
        owner: None,
        label: None,
        created_at: now,
        last_seen: now,
        expires_at: now + Duration::from_secs(60),
        deadline: now + Duration::from_secs(3600),
    }
}

fn value_of(record: &Record) -> Result<u64> {
    let bytes = record.data.get(..8).ok_or("a value has eight bytes")?;
    Ok(u64::from_be_bytes(bytes.try_into()?))
}
