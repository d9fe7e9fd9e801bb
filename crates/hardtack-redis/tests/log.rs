//! Checks that the logs of the store and its driver reveal nothing about a record at any level. This test is a separate
//! program, because a process has only one log.

use hardtack_core::base64;
use hardtack_core::protocol::StoreKey;
use hardtack_engines::Redis;
use hardtack_redis::RedisStore;
use hardtack_store_tests::LogCapture;

#[tokio::test]
#[ignore = "needs Redis, which ./test installs"]
async fn no_log_level_reveals_anything_about_a_record() -> Result<(), Box<dyn std::error::Error>> {
    let engine = Redis::start()?;
    let store = RedisStore::connect(&engine.url()).await?;
    let log = LogCapture::begin();
    let damage = async |key: &StoreKey| {
        let name = format!("hardtack:s:{}", base64::encode_id(key.as_bytes()));
        engine.command(&["SETRANGE", &name, "0", "strange"]).map(drop)
    };
    log.check_omission_is_logged(&store, damage).await?;
    let found = log.search(&store).await?;
    assert_eq!(found.revealing, Vec::<String>::new());
    println!(
        "summary: Redis and its driver logged {} lines, none of which tells anything of a record",
        found.lines
    );
    Ok(())
}
