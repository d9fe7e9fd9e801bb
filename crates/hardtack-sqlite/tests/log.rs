//! At every level, the log reveals nothing about a record. This test is a separate program, because a process has only
//! one log.

use hardtack_core::protocol::StoreKey;
use hardtack_sqlite::SqliteStore;
use hardtack_store_tests::LogCapture;

#[tokio::test]
async fn no_log_level_reveals_anything_about_a_record() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("sessions.db");
    let store = SqliteStore::open(&path).await?;
    let log = LogCapture::begin();
    let other = rusqlite::Connection::open(&path)?;
    let damage = async |key: &StoreKey| {
        let damage = "UPDATE session SET label = CAST(x'ff' AS TEXT) WHERE key = ?1";
        other.execute(damage, [key.as_bytes().as_slice()]).map(drop)
    };
    log.check_omission_is_logged(&store, damage).await?;
    let found = log.search(&store).await?;
    assert_eq!(found.revealing, Vec::<String>::new());
    Ok(())
}
