//! Redis starts, answers, survives a kill, and leaves nothing behind, in each of its three forms.

use std::net::TcpStream;

use hardtack_engines::{EngineError, Redis, RedisCluster, RedisSentinel};

fn is_listening(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

#[test]
#[ignore = "needs Redis"]
fn redis_starts_and_keeps_what_it_acknowledged() -> Result<(), EngineError> {
    let mut engine = Redis::start()?;
    assert!(engine.version().starts_with("Redis "));
    assert_eq!(engine.command(&["SET", "key", "value"])?.trim(), "OK");
    engine.stop()?;
    assert!(!is_listening(engine.port()));
    engine.restart()?;
    engine.kill()?;
    engine.restart()?;
    assert_eq!(engine.command(&["GET", "key"])?.trim(), "value");
    let port = engine.port();
    drop(engine);
    assert!(!is_listening(port));
    Ok(())
}

#[test]
#[ignore = "needs Redis"]
fn a_cluster_promotes_a_replica() -> Result<(), EngineError> {
    let mut engine = RedisCluster::start()?;
    assert_eq!(engine.nodes(), 6);
    let dead = engine.kill_master_of(0)?;
    assert!(!is_listening(engine.port(dead)));
    engine.wait_for_promotion(0, dead)?;
    engine.restart()?;
    assert!(is_listening(engine.port(dead)));
    Ok(())
}

#[test]
#[ignore = "needs Redis"]
fn sentinels_promote_the_replica() -> Result<(), EngineError> {
    let mut engine = RedisSentinel::start()?;
    engine.fail_over()?;
    engine.restart()?;
    assert!(engine.url().starts_with("redis-sentinel://"));
    Ok(())
}
