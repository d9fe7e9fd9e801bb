use std::error::Error;

use hardtack_core::store::{SessionListing, SessionStore, Swap};
use hardtack_engines::Redis;
use hardtack_redis::RedisStore;

use crate::support::{Result, key, record};

/// Returns the name of the record whose key consists of zeros.
fn name() -> String {
    format!("hardtack:s:{}", "A".repeat(43))
}

async fn refusal(engine: &Redis) -> Result<String> {
    let error = RedisStore::connect(engine.url()).await.err().ok_or("it was connected")?;
    Ok(error.source().ok_or("it has a cause")?.to_string())
}

#[tokio::test]
#[ignore = "needs Redis, which ./test installs"]
async fn a_new_database_is_marked_with_the_record_format() -> Result {
    let engine = Redis::start()?;
    let store = RedisStore::connect(engine.url()).await?;
    assert_eq!(engine.command(&["GET", "hardtack:form"])?.trim(), "2");
    assert_ne!(store.create(&key(1), &record(b"{}")).await?, Swap::Refused);
    RedisStore::connect(engine.url()).await?;
    Ok(())
}

#[tokio::test]
#[ignore = "needs Redis, which ./test installs"]
async fn a_database_in_another_format_is_refused_with_a_reason_and_a_fix() -> Result {
    let engine = Redis::start()?;
    engine.command(&["SET", &name(), &format!("\u{1}{}", "x".repeat(100))])?;
    let older = refusal(&engine).await?;
    assert!(older.contains("not bound to a purpose") && older.contains("delete them"), "{older}");
    // With another prefix, the database is treated as new.
    RedisStore::options().prefix("shop:").connect(engine.url()).await?;
    engine.command(&["DEL", &name()])?;
    RedisStore::connect(engine.url()).await?;
    engine.command(&["SET", "hardtack:form", "3"])?;
    let newer = refusal(&engine).await?;
    assert!(newer.contains("the release of hardtack-redis"), "{newer}");
    Ok(())
}

#[tokio::test]
#[ignore = "needs Redis, which ./test installs"]
async fn a_record_in_an_older_format_is_reported_when_read() -> Result {
    let engine = Redis::start()?;
    let store = RedisStore::connect(engine.url()).await?;
    engine.command(&["SET", &name(), &format!("\u{1}{}", "x".repeat(100))])?;
    let zero = hardtack_core::protocol::StoreKey::from_bytes([0; 32]);
    let error = store.load(&zero).await.err().ok_or("it was read")?;
    let cause = error.source().ok_or("it has a cause")?.to_string();
    assert!(cause.contains("not bound to a purpose"), "{cause}");
    // A listing omits the record and logs this.
    assert!(store.page(None, 10).await?.records.is_empty());
    Ok(())
}
