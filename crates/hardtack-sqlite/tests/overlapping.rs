//! A user's sessions are ended while another store on the same file renews them.

use std::future::poll_fn;
use std::path::PathBuf;
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, SystemTime};

use hardtack_core::protocol::{Content, Lineage, Login, Owner, Purpose, Record, StoreKey};
use hardtack_core::store::{SessionStore, Swap, Version};
use hardtack_sqlite::{Durability, Reads, SqliteStore};
use hardtack_store_tests::{renew_while_ending, rounds_of_renewals};
use rusqlite::TransactionBehavior::Immediate;
use tempfile::TempDir;

type Result<T = (), E = Box<dyn std::error::Error + Send + Sync>> = std::result::Result<T, E>;

struct Folder(TempDir);

impl Folder {
    fn file(&self) -> PathBuf {
        self.0.path().join("sessions.db")
    }

    /// Opens a separate store, as another process would. These tests do not simulate a power failure, so the lower
    /// durability is enough.
    async fn open(&self, reads: Reads) -> Result<SqliteStore> {
        let options = SqliteStore::options().durability(Durability::Normal).reads(reads);
        // The timeout is long, because the tests may run on a busy machine.
        Ok(options.busy_timeout(Duration::from_secs(600)).open(self.file()).await?)
    }
}

fn key(number: u64) -> StoreKey {
    let mut bytes = [0; 32];
    bytes[24..].copy_from_slice(&number.to_be_bytes());
    StoreKey::from_bytes(bytes)
}

fn session() -> Record {
    let now = SystemTime::now();
    Record::new(Purpose::default(), *b"{}", now)
        .login(Some(Login::new(Owner::new("ann"), Lineage::from_random([7; 16]))))
        .expires_at(now + Duration::from_secs(3600))
        .deadline(now + Duration::from_secs(86_400))
}

async fn create(store: &SqliteStore, key: &StoreKey) -> Result<Version> {
    match store.create(key, &session()).await? {
        Swap::Done(version) => Ok(version),
        Swap::Refused => Err("the key was taken".into()),
    }
}

/// Five stores share one file; in each round, four renew and one ends the sessions.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a11_no_renewal_by_another_program_escapes() -> Result {
    let folder = Folder(tempfile::tempdir()?);
    let mut stores = Vec::new();
    for _ in 0..5 {
        stores.push(folder.open(Reads::Threads).await?);
    }
    let renewed = renew_while_ending(&stores, rounds_of_renewals(50)).await?;
    assert_eq!(renewed.survivors, 0, "{renewed}");
    Ok(())
}

/// Another connection holds the file's lock, so that ending the sessions waits. Before it releases the lock, it renews
/// the session. The pending deletion must also apply to the renewed session.
#[tokio::test]
async fn a11_a_session_renewed_while_its_end_waits_for_the_lock_is_ended() -> Result {
    let folder = Folder(tempfile::tempdir()?);
    let (renews, ends) = (folder.open(Reads::Inline).await?, folder.open(Reads::Inline).await?);
    let mut holds = rusqlite::Connection::open(folder.file())?;
    let (purpose, ann) = (Purpose::default(), Owner::new("ann"));
    for round in 0..rounds_of_renewals(50) as u64 {
        let (old, successor) = (key(2 * round), key(2 * round + 1));
        create(&renews, &old).await?;

        let lock = holds.transaction_with_behavior(Immediate)?;
        let mut ending = pin!(ends.delete_owned_by(&purpose, &ann, None));
        // The first poll sends the deletion to the writer thread.
        let first = poll_fn(|context| Poll::Ready(ending.as_mut().poll(context))).await;
        assert!(first.is_pending(), "round {round}");
        let key_of = |key: &StoreKey| key.as_bytes().to_vec();
        lock.execute(
            "INSERT INTO session (key, version, purpose, data, owner, lineage, label, created_at, last_seen, \
             expires_at, deadline, sweep_at) SELECT ?2, version + 1, purpose, data, owner, lineage, label, created_at, \
             last_seen, expires_at, deadline, sweep_at FROM session WHERE key = ?1",
            [key_of(&old), key_of(&successor)],
        )?;
        lock.execute(
            "UPDATE session SET owner = NULL, lineage = NULL, data = ?2 WHERE key = ?1",
            [key_of(&old), Content::Moved(successor).to_data().to_vec()],
        )?;
        lock.commit()?;

        assert_eq!(ending.await?, 1, "round {round}");
        assert!(renews.owned_by(&purpose, &ann, None, 10).await?.is_empty(), "round {round}");
        assert!(renews.load(&successor).await?.is_none(), "round {round}");
        assert!(renews.load(&old).await?.is_some(), "a tombstone is nobody's");
    }
    Ok(())
}
