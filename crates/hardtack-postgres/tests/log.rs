//! Checks that the logs of the store and its driver reveal nothing about a record at any level. This test is a separate
//! program, because a process has only one log.

use hardtack_core::protocol::StoreKey;
use hardtack_engines::Postgres;
use hardtack_postgres::PostgresStore;
use hardtack_store_tests::LogCapture;

#[tokio::test]
#[ignore = "needs PostgreSQL, which ./test installs"]
async fn no_log_level_reveals_anything_about_a_record() -> Result<(), Box<dyn std::error::Error>> {
    let engine = Postgres::start()?;
    let store = PostgresStore::connect(&engine.url()).await?;
    let log = LogCapture::begin();
    let (client, connection) = tokio_postgres::connect(&engine.url(), tokio_postgres::NoTls).await?;
    tokio::spawn(connection);
    let damage = async |key: &StoreKey| {
        let damage = "UPDATE hardtack_session SET label = '\\xff' WHERE key = $1";
        client.execute(damage, &[&key.as_bytes().as_slice()]).await.map(drop)
    };
    log.check_omission_is_logged(&store, damage).await?;
    let found = log.search(&store).await?;
    assert_eq!(found.revealing, Vec::<String>::new());
    println!(
        "summary: PostgreSQL and its driver logged {} lines, none of which tells anything of a record",
        found.lines
    );
    Ok(())
}
