//! Tests that end a user's sessions while another program renews them.

use hardtack_core::protocol::{Content, Owner, Purpose};
use hardtack_core::store::{SessionStore, Swap};
use hardtack_engines::{Proxy, Redis, RedisCluster};
use hardtack_redis::RedisStore;
use hardtack_store_tests::{renew_while_ending, rounds_of_renewals};

use crate::support::{PATIENCE, Result, create, key, owned, record, replace};

async fn connect(url: &str) -> Result<RedisStore> {
    Ok(RedisStore::options().response_timeout(PATIENCE).connect(url).await?)
}

/// Runs five stores as five programs. In each round, four renew sessions and one ends them.
async fn no_renewal_escapes(url: &str) -> Result {
    let mut stores = Vec::new();
    for _ in 0..5 {
        stores.push(connect(url).await?);
    }
    let renewed =
        renew_while_ending(&stores, rounds_of_renewals(50)).await.map_err(|error| error.to_string())?;
    assert_eq!(renewed.survivors, 0, "{renewed}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs Redis"]
async fn a11_no_renewal_by_another_program_escapes() -> Result {
    no_renewal_escapes(&Redis::start()?.url()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs Redis"]
async fn a11_no_renewal_by_another_program_escapes_on_a_cluster() -> Result {
    no_renewal_escapes(&RedisCluster::start()?.url()).await
}

/// The program that ends the sessions has requested the list of entries, and the reply is delayed. Meanwhile, another
/// program renews the session. The old key then has a tombstone, and a single pass would not check the new key.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs Redis"]
async fn a11_a_session_renewed_while_it_is_ended_is_ended() -> Result {
    let engine = Redis::start()?;
    let proxy = Proxy::start(engine.port())?;
    let renews = connect(&engine.url()).await?;
    let ends = connect(&format!("redis://:hardtack@127.0.0.1:{}", proxy.port())).await?;
    let (purpose, ann) = (Purpose::default(), Owner::new("ann"));
    for round in 0..rounds_of_renewals(50) as u64 {
        let (old, successor) = (key(2 * round), key(2 * round + 1));
        let version = create(&renews, &old, &owned("ann")).await?;

        proxy.hold_answers(true);
        let ending = tokio::spawn({
            let (ends, purpose, ann) = (ends.clone(), purpose.clone(), ann.clone());
            async move { ends.delete_owned_by(&purpose, &ann, None).await }
        });
        while proxy.held() == 0 {
            tokio::task::yield_now().await;
        }
        assert_ne!(renews.create(&successor, &owned("ann")).await?, Swap::Refused);
        replace(&renews, &old, version, &record(&Content::Moved(successor).to_data())).await?;
        proxy.hold_answers(false);

        assert_eq!(ending.await??, 1, "round {round}");
        assert!(renews.owned_by(&purpose, &ann, None, 10).await?.is_empty(), "round {round}");
        assert!(renews.load(&successor).await?.is_none(), "round {round}");
        assert!(renews.load(&old).await?.is_some(), "a tombstone is nobody's");
    }
    Ok(())
}
