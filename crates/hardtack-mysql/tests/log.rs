//! Checks that the logs of the store and its driver reveal nothing about a record at any level. This test is a separate
//! program, because a process has only one log.

use hardtack_core::protocol::StoreKey;
use hardtack_engines::MariaDb;
use hardtack_mysql::MySqlStore;
use hardtack_store_tests::LogCapture;
use mysql_async::prelude::Queryable;

#[tokio::test]
#[ignore = "needs MariaDB, which ./test installs"]
async fn no_log_level_reveals_anything_about_a_record() -> Result<(), Box<dyn std::error::Error>> {
    let engine = MariaDb::start()?;
    let store = MySqlStore::connect(&engine.url()).await?;
    let log = LogCapture::begin();
    let mut other = mysql_async::Conn::from_url(&engine.url()).await?;
    let damage = async |key: &StoreKey| {
        let damage = "UPDATE hardtack_session SET label = X'ff' WHERE `key` = ?";
        other.exec_drop(damage, (key.as_bytes().as_slice(),)).await
    };
    log.check_omission_is_logged(&store, damage).await?;
    let found = log.search(&store).await?;
    assert_eq!(found.revealing, Vec::<String>::new());
    println!(
        "summary: MariaDB and its driver logged {} lines, none of which tells anything of a record",
        found.lines
    );
    Ok(())
}
