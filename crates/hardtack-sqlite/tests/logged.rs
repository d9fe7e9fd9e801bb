//! What is logged at every level tells nothing of a record. A program of its own, since a process has one log.

use hardtack_engines::Logged;
use hardtack_sqlite::SqliteStore;

#[tokio::test]
async fn no_level_of_the_log_tells_anything_of_a_record() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let store = SqliteStore::open(folder.path().join("sessions.db")).await?;
    let found = Logged::begin().search(&store).await?;
    assert_eq!(found.telling, Vec::<String>::new());
    Ok(())
}
