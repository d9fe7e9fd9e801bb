use hardtack_core::store::SessionStore;
use hardtack_engines::RedisSentinel;
use hardtack_redis::RedisStore;

use crate::support::{Result, create, key, load_at_last, owned, replace};

#[tokio::test]
#[ignore = "needs Redis"]
async fn the_sentinels_new_master_is_found() -> Result {
    let mut engine = RedisSentinel::start()?;
    let options = RedisStore::options().wait_for_replicas(1, std::time::Duration::from_secs(5));
    let durable = options.connect(engine.url()).await?;
    let version = create(&durable, &key(1), &owned("ann")).await?;
    let store = RedisStore::connect(engine.url()).await?;
    engine.fail_over()?;
    assert_eq!(load_at_last(&store, &key(1)).await, Some(owned("ann")));
    replace(&store, &key(1), version, &owned("ann")).await?;
    engine.restart()?;
    assert!(store.load(&key(1)).await?.is_some());
    Ok(())
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn an_unknown_master_name_is_an_error() -> Result {
    let engine = RedisSentinel::start()?;
    let error =
        RedisStore::connect(engine.url().replace("/hardtack", "/other")).await.expect_err("it is unknown");
    assert!(crate::support::why(&error).contains("no Sentinel knows a master with this name"));
    Ok(())
}
