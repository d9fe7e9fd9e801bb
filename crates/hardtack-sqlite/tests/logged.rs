//! At every level, the log reveals nothing about a record. This is a separate program, because a process has one log.

use hardtack_core::session::StoreKey;
use hardtack_sqlite::SqliteStore;
use hardtack_store_tests::Logged;

#[tokio::test]
async fn no_level_of_the_log_tells_anything_of_a_record() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("sessions.db");
    let store = SqliteStore::open(&path).await?;
    let logged = Logged::begin();
    let other = rusqlite::Connection::open(&path)?;
    let damage = async |key: &StoreKey| {
        let damage = "UPDATE session SET label = CAST(x'ff' AS TEXT) WHERE key = ?1";
        other.execute(damage, [key.as_bytes().as_slice()]).map(drop)
    };
    logged.tells_what_a_listing_leaves_out(&store, damage).await?;
    let found = logged.search(&store).await?;
    assert_eq!(found.telling, Vec::<String>::new());
    Ok(())
}
