//! Checks that the store passes the conformance suite, on a single server and on a cluster of six.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use hardtack_conformance::{CASES, LISTING_CASES, run, run_listing};
use hardtack_engines::{Redis, RedisCluster};
use hardtack_redis::RedisStore;

#[test]
#[ignore = "needs Redis"]
fn every_case_passes() {
    let engine = Redis::start().expect("Redis starts");
    passes(&engine.url(), &engine.version());
}

#[test]
#[ignore = "needs Redis"]
fn every_case_passes_on_a_cluster() {
    let engine = RedisCluster::start().expect("a cluster starts");
    passes(&engine.url(), &engine.version());
}

fn passes(url: &str, version: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let stores = AtomicU32::new(0);
    let fresh = || {
        let prefix = format!("{}:", stores.fetch_add(1, Ordering::Relaxed));
        let options = RedisStore::options().prefix(prefix).response_timeout(Duration::from_secs(300));
        async move { options.connect(url).await.expect("the server answers") }
    };
    for report in [runtime.block_on(run(fresh)), runtime.block_on(run_listing(fresh))] {
        println!("{report}");
        assert!(report.is_clean());
    }
    println!("summary: {version}: {} cases", CASES.len());
    println!("summary: {version}: {} listing cases", LISTING_CASES.len());
}
