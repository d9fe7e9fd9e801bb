//! Problems with the file, the process, and the clock are reported, and no session is lost to them.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use hardtack_core::protocol::{Purpose, Record, StoreKey};
use hardtack_core::store::{SessionStore, StoreError, Swap};
use hardtack_sqlite::SqliteStore;
use pollster::block_on;

const HOUR: Duration = Duration::from_secs(3600);

fn key(number: u8) -> StoreKey {
    StoreKey::from_bytes([number; 32])
}

/// Returns a record written by a server whose clock is ahead.
fn record(ahead: Duration) -> Record {
    let now = SystemTime::now() + ahead;
    Record::new(Purpose::default(), *b"data", now).expires_at(now + HOUR).deadline(now + 24 * HOUR)
}

async fn create(store: &SqliteStore, number: u8) -> Result<(), StoreError> {
    let swap = store.create(&key(number), &record(Duration::ZERO)).await?;
    assert_ne!(swap, Swap::Refused);
    Ok(())
}

fn why(error: &StoreError) -> String {
    error.source().unwrap().to_string()
}

fn refusal(path: &Path) -> String {
    why(&block_on(SqliteStore::open(path)).unwrap_err())
}

#[test]
fn an_open_error_names_the_file_and_the_fix() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("missing").join("sessions.db");
    let message = refusal(&file);
    assert!(message.starts_with(&format!("{}: its folder", file.display())), "{message}");
    assert!(message.ends_with("does not exist: create the folder first"), "{message}");

    let message = refusal(folder.path());
    assert!(
        message.starts_with(&folder.path().display().to_string())
            && message.contains("use the path of a file in it"),
        "{message}"
    );

    let text = folder.path().join("notes.txt");
    fs::write(&text, "this is not a database, and long enough to be recognized as none".repeat(20)).unwrap();
    let message = refusal(&text);
    assert!(
        message.starts_with(&text.display().to_string()) && message.contains("not a database"),
        "{message}"
    );
}

#[test]
fn an_error_in_operation_names_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sessions.db");
    block_on(async {
        let store = SqliteStore::open(&path).await.unwrap();
        rusqlite::Connection::open(&path).unwrap().execute_batch("DROP TABLE session").unwrap();
        for error in [store.load(&key(1)).await.unwrap_err(), create(&store, 1).await.unwrap_err()] {
            let message = why(&error);
            assert!(
                message.starts_with(&path.display().to_string()) && message.contains("no such table"),
                "{message}"
            );
        }
    });
}

#[cfg(unix)]
#[test]
fn a_dangling_link_creates_a_private_file() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    symlink("second", at("first")).unwrap();
    symlink(at("sessions.db"), at("second")).unwrap();
    block_on(async {
        let store = SqliteStore::open(at("first")).await.unwrap();
        create(&store, 1).await.unwrap();
        for name in ["sessions.db", "sessions.db-wal", "sessions.db-shm"] {
            let mode = fs::metadata(at(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}: {mode:o}");
        }
    });
    symlink("circle", at("circle")).unwrap();
    let message = refusal(&at("circle"));
    assert!(message.starts_with(&at("circle").display().to_string()), "{message}");
}

/// Checks files and folders without write permission. Because root can write to them nevertheless, the test runs itself
/// again as another user if it is run as root.
#[cfg(unix)]
#[test]
fn a_read_only_file_or_folder_is_reported_at_opening() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
    use std::os::unix::process::CommandExt;
    use std::process::Command;

    const NOBODY: u32 = 65_534;
    let folder = tempfile::tempdir().unwrap();
    if fs::metadata(folder.path()).unwrap().uid() == 0 {
        // The program is copied, because other users may have no access to its directory.
        let program = folder.path().join("tests");
        fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
        for path in [folder.path(), &program] {
            fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
            chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        let name = "a_read_only_file_or_folder_is_reported_at_opening";
        let output = Command::new(&program)
            .args([name, "--exact", "--nocapture"])
            .env("TMPDIR", folder.path())
            .current_dir("/")
            .uid(NOBODY)
            .gid(NOBODY)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        return;
    }
    let path = folder.path().join("sessions.db");
    block_on(async { create(&SqliteStore::open(&path).await.unwrap(), 1).await.unwrap() });
    let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();

    set(&path, 0o400);
    let message = refusal(&path);
    assert!(
        message.starts_with(&format!("{}: this process cannot write to it (", path.display())),
        "{message}"
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside the file");

    set(&path, 0o600);
    set(folder.path(), 0o500);
    let message = refusal(&path);
    let place =
        format!("{}: this process cannot write to its folder {}:", path.display(), folder.path().display());
    assert!(message.starts_with(&place) && message.contains("-wal") && message.contains("-shm"), "{message}");
    let message = refusal(&folder.path().join("new.db"));
    assert!(message.contains("this process cannot write to its folder"), "{message}");
    set(folder.path(), 0o700);
    block_on(async { create(&SqliteStore::open(&path).await.unwrap(), 2).await.unwrap() });
}

#[cfg(unix)]
#[test]
fn a_deleted_or_replaced_file_accepts_no_more_writes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sessions.db");
    let aside = folder.path().join("aside.db");
    block_on(async {
        let store = SqliteStore::open(&path).await.unwrap();
        create(&store, 1).await.unwrap();
        let refused = async |number| {
            let message = why(&create(&store, number).await.unwrap_err());
            assert!(message.starts_with(&path.display().to_string()), "{message}");
            assert!(message.contains("deleted or replaced while the store was open"), "{message}");
        };
        fs::rename(&path, &aside).unwrap();
        refused(2).await;
        fs::write(&path, "").unwrap();
        refused(3).await;
        assert_eq!(store.metrics().failed, 2);
        fs::rename(&aside, &path).unwrap();
        create(&store, 4).await.unwrap();
    });
}

#[test]
fn a_clock_that_is_two_days_ahead_sweeps_no_live_session() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sessions.db");
    block_on(async {
        let right = SqliteStore::options().without_sweeping().open(&path).await.unwrap();
        for number in 0..10 {
            create(&right, number).await.unwrap();
        }
        let ahead = SqliteStore::options().sweep_interval(Duration::ZERO).open(&path).await.unwrap();
        for number in 10..15 {
            // The writer runs a sweep step between answering a write and starting the next one.
            let swap = ahead.create(&key(number), &record(48 * HOUR)).await.unwrap();
            assert_ne!(swap, Swap::Refused);
        }
        let counters = ahead.metrics();
        assert_eq!(counters.swept, 0);
        assert!(counters.clock_ahead > 0, "{counters:?}");
        for number in 0..10 {
            assert!(right.load(&key(number)).await.unwrap().is_some(), "{number}");
        }
    });
}
