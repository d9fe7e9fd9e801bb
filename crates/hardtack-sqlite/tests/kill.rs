//! Acknowledged writes survive even if the process is killed.
//!
//! A child process writes from 64 threads and reports each acknowledged write to its parent. The parent kills the child
//! (`kill -9`), checks the database file, and starts the next child. The environment variable `HARDTACK_KILLS` sets the
//! number of repetitions, 50 by default.
//!
//! This test is a separate program instead of a test function, because it starts itself as the child.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};
use std::{env, io};

use hardtack_core::protocol::{Purpose, Record, StoreKey};
use hardtack_core::store::{SessionStore, Swap};
use hardtack_sqlite::SqliteStore;

const TASKS: u8 = 64;
const CHILD: &str = "HARDTACK_KILL_CHILD";
/// The number of acknowledgments after which the child is killed.
const ACKNOWLEDGED_PER_KILL: usize = 250;

fn main() {
    match env::var_os(CHILD) {
        Some(path) => write_until_killed(Path::new(&path)),
        None => kill_and_look(),
    }
}

fn kill_and_look() {
    let kills = env::var("HARDTACK_KILLS").map_or(50, |kills| kills.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sessions.db");
    let mut last = BTreeMap::new();
    let mut acknowledged = 0;
    for _ in 0..kills {
        acknowledged += one_life(&path, &mut last);
        look(&path, &mut last);
    }
    assert!(acknowledged >= kills * ACKNOWLEDGED_PER_KILL);
    println!("summary: SQLite: {kills} kills, {acknowledged} acknowledged writes, none lost");
    println!("test result: ok. 1 passed; 0 failed; 0 ignored");
}

/// Starts a child, kills it after [`ACKNOWLEDGED_PER_KILL`] acknowledgments, and returns the number of acknowledgments
/// that it reported.
fn one_life(path: &Path, last: &mut BTreeMap<u8, u64>) -> usize {
    let mut child =
        Command::new(env::current_exe().unwrap()).env(CHILD, path).stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap());
    let acknowledged = record(&mut child, lines, last);
    child.wait().unwrap();
    acknowledged
}

/// Records the acknowledgments that the child reports, kills the child when there are enough, and also records those
/// still in the pipe.
fn record(child: &mut Child, lines: BufReader<ChildStdout>, last: &mut BTreeMap<u8, u64>) -> usize {
    let mut count = 0;
    for line in lines.lines() {
        let line = line.unwrap();
        // The last line may be incomplete.
        let Some((task, number)) = line.strip_suffix(" ok").and_then(|line| line.split_once(' ')) else {
            continue;
        };
        last.insert(task.parse().unwrap(), number.parse().unwrap());
        count += 1;
        if count == ACKNOWLEDGED_PER_KILL {
            child.kill().unwrap();
        }
    }
    count
}

/// Checks that each task's last acknowledged write is present, or at most the write after it, which was in progress.
/// The number that is found is then treated as acknowledged, so it must still be present after the next kill.
fn look(path: &Path, last: &mut BTreeMap<u8, u64>) {
    pollster::block_on(async {
        let store = SqliteStore::open(path).await.unwrap();
        for (task, acknowledged) in last.iter_mut() {
            let stored =
                store.load(&key(*task)).await.unwrap().expect("a session that was acknowledged is there");
            let found = number(&stored.record);
            assert!(
                found == *acknowledged || found == *acknowledged + 1,
                "task {task} was told {acknowledged}, and {found} is there"
            );
            *acknowledged = found;
        }
    });
}

fn write_until_killed(path: &Path) {
    let store = Arc::new(pollster::block_on(SqliteStore::open(path)).unwrap());
    let tasks: Vec<_> = (0..TASKS)
        .map(|task| {
            let store = Arc::clone(&store);
            std::thread::spawn(move || pollster::block_on(count(&store, task)))
        })
        .collect();
    for task in tasks {
        task.join().unwrap();
    }
}

/// Increments the number in one session repeatedly, and reports each number when its write is acknowledged.
async fn count(store: &SqliteStore, task: u8) {
    let key = key(task);
    let (mut now, mut version) = match store.load(&key).await.unwrap() {
        Some(stored) => (number(&stored.record), stored.version),
        None => (0, done(store.create(&key, &record_of(0)).await.unwrap())),
    };
    loop {
        now += 1;
        version = done(store.replace(&key, version, &record_of(now)).await.unwrap());
        // Each line is written with a single call. If the child is killed meanwhile, the line may lack its end, by
        // which the parent recognizes a complete line. If writing fails, the parent has exited.
        if io::stdout().lock().write_all(format!("{task} {now} ok\n").as_bytes()).is_err() {
            return;
        }
    }
}

fn done(swap: Swap) -> hardtack_core::store::Version {
    match swap {
        Swap::Done(version) => version,
        Swap::Refused => panic!("nobody else writes this session"),
    }
}

fn key(task: u8) -> StoreKey {
    StoreKey::from_bytes([task; StoreKey::LEN])
}

/// Returns a record with 200 bytes of data that contain a number.
fn record_of(number: u64) -> Record {
    let now = UNIX_EPOCH + Duration::from_secs(4_000_000_000);
    let mut data = vec![b' '; 200];
    data[..8].copy_from_slice(&number.to_be_bytes());
    let deadline = now + Duration::from_secs(3600);
    Record::new(Purpose::default(), data, now).expires_at(deadline).deadline(deadline)
}

fn number(record: &Record) -> u64 {
    u64::from_be_bytes(record.data[..8].try_into().unwrap())
}
