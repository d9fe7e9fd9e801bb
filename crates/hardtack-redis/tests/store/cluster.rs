use std::time::Duration;

use hardtack_core::protocol::{Owner, Purpose};
use hardtack_core::store::{SessionStore, Swap};
use hardtack_engines::RedisCluster;
use hardtack_redis::RedisStore;

use crate::support::{Result, create, done, key, load_at_last, owned, record, replace};

/// Opens a store with short timeouts, so that it recovers as soon as the cluster does.
async fn open(engine: &RedisCluster) -> Result<RedisStore> {
    let options = RedisStore::options().connect_timeout(Duration::from_millis(500));
    Ok(options.response_timeout(Duration::from_secs(1)).connect(engine.url()).await?)
}

/// Returns the slot of a record, and the index of the node that has the slot.
fn slot_of(engine: &RedisCluster, number: u64) -> Result<(u16, usize)> {
    let text = hardtack_core::base64::encode_id(key(number).as_bytes());
    let slot = engine.command(0, &["CLUSTER", "KEYSLOT", &format!("hardtack:s:{text}")])?.trim().parse()?;
    for node in 0..engine.nodes() {
        let own = engine.command(node, &["CLUSTER", "NODES"])?;
        let own = own.lines().find(|line| line.contains("myself,master")).unwrap_or_default();
        let keeps = own.split_whitespace().skip(8).any(|range| {
            let (from, to) = range.split_once('-').unwrap_or((range, range));
            matches!((from.parse::<u16>(), to.parse::<u16>()), (Ok(from), Ok(to)) if (from..=to).contains(&slot))
        });
        if keeps {
            return Ok((slot, node));
        }
    }
    Err("nobody keeps the slot".into())
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn a_promoted_replica_is_found() -> Result {
    let mut engine = RedisCluster::start()?;
    let options = RedisStore::options().connect_timeout(Duration::from_millis(500));
    let options =
        options.response_timeout(Duration::from_secs(1)).wait_for_replicas(1, Duration::from_secs(5));
    let durable = options.connect(engine.url()).await?;
    let mut versions = Vec::new();
    for number in 0..50 {
        versions.push(create(&durable, &key(number), &owned("ann")).await?);
    }
    let store = open(&engine).await?;
    let (slot, _) = slot_of(&engine, 0)?;
    let dead = engine.kill_master_of(slot)?;
    assert!(store.load(&key(0)).await.is_err());
    // Until the other nodes notice the failure, they do not promote a replica.
    engine.wait_for_promotion(slot, dead)?;
    for (number, version) in (0..50).zip(versions) {
        assert_eq!(load_at_last(&store, &key(number)).await, Some(owned("ann")), "a replica had it");
        replace(&store, &key(number), version, &owned("ann")).await?;
    }
    assert_eq!(store.owned_by(&Purpose::default(), &Owner::new("ann"), None, 1000).await?.len(), 50);
    engine.restart()?;
    assert_eq!(store.delete_owned_by(&Purpose::default(), &Owner::new("ann"), None).await?, 50);
    Ok(())
}

/// While the slot moves, the old node replies with `ASK`, and afterward with `MOVED`.
#[tokio::test]
#[ignore = "needs Redis"]
async fn a_slot_that_moves_is_followed() -> Result {
    let engine = RedisCluster::start()?;
    let store = open(&engine).await?;
    let version = create(&store, &key(1), &record(b"before")).await?;
    let (slot, from) = slot_of(&engine, 1)?;
    let slot = slot.to_string();
    let to = (0..100)
        .find_map(|number| slot_of(&engine, number).ok().map(|(_, node)| node).filter(|node| *node != from));
    let to = to.ok_or("another master")?;
    let id = |node| engine.command(node, &["CLUSTER", "MYID"]).map(|id| id.trim().to_owned());
    engine.command(to, &["CLUSTER", "SETSLOT", &slot, "IMPORTING", &id(from)?])?;
    engine.command(from, &["CLUSTER", "SETSLOT", &slot, "MIGRATING", &id(to)?])?;
    // The record is still on the old node.
    let version = replace(&store, &key(1), version, &record(b"there")).await?;
    let name = engine.command(from, &["CLUSTER", "GETKEYSINSLOT", &slot, "9"])?.trim().to_owned();
    let port = engine.port(to).to_string();
    let moving = ["MIGRATE", "127.0.0.1", &port, &name, "0", "5000", "AUTH", "hardtack"];
    assert_eq!(engine.command(from, &moving)?.trim(), "OK");
    // The record is already on the new node, but the old node still has the slot.
    let stored = store.load(&key(1)).await?.ok_or("it stays")?;
    assert_eq!((*stored.record.data).to_vec(), b"there");
    let version = replace(&store, &key(1), version, &record(b"over")).await?;
    assert_eq!(store.create(&key(1), &record(b"twice")).await?, Swap::Refused);
    for node in [to, from] {
        engine.command(node, &["CLUSTER", "SETSLOT", &slot, "NODE", &id(to)?])?;
    }
    let version = replace(&store, &key(1), version, &record(b"moved")).await?;
    assert!(store.delete(&key(1), version).await?);
    assert_eq!(store.load(&key(1)).await?, None);
    Ok(())
}

/// The server delays the write, and then the connection is cut. The write was not applied, and must not be applied
/// later.
#[tokio::test]
#[ignore = "needs Redis"]
async fn a_write_whose_connection_broke_is_not_sent_again() -> Result {
    let engine = RedisCluster::start()?;
    let store = open(&engine).await?;
    let version = create(&store, &key(1), &record(b"before")).await?;
    let version = replace(&store, &key(1), version, &record(b"before")).await?;
    let (_, node) = slot_of(&engine, 1)?;
    engine.command(node, &["CLIENT", "PAUSE", "60000", "WRITE"])?;
    let (key, after) = (key(1), record(b"after"));
    let cutting = async {
        let is_blocked = || {
            engine.command(node, &["INFO", "clients"]).is_ok_and(|info| info.contains("\nblocked_clients:1"))
        };
        while !is_blocked() {
            tokio::task::yield_now().await;
        }
        engine.command(node, &["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"])
    };
    let (written, cut) = tokio::join!(store.replace(&key, version, &after), cutting);
    cut?;
    assert!(written.is_err());
    engine.command(node, &["CLIENT", "UNPAUSE"])?;
    assert_eq!(load_at_last(&store, &key).await, Some(record(b"before")));
    done(store.replace(&key, version, &record(b"later")).await?)?;
    Ok(())
}
