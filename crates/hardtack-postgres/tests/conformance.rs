//! The PostgreSQL store passes the conformance suite on a real server.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use hardtack_conformance::{CASES, LISTING_CASES, run, run_listing};
use hardtack_engines::Postgres;
use hardtack_postgres::PostgresStore;

/// The timeout for each answer, long enough for a busy machine.
const PATIENCE: Duration = Duration::from_secs(300);

#[test]
#[ignore = "needs PostgreSQL, which ./test installs"]
fn every_case_passes() {
    // This test does not simulate a power failure, so nothing needs to be synced to the disk.
    let engine = Postgres::start_without_sync().expect("PostgreSQL starts");
    let create_statements = AtomicU32::new(0);
    let fresh = || {
        let table = format!("session_{}", create_statements.fetch_add(1, Ordering::Relaxed));
        let options = PostgresStore::options().table(table).timeout(PATIENCE);
        async { options.connect(&engine.url()).await.expect("it connects") }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    for report in [runtime.block_on(run(fresh)), runtime.block_on(run_listing(fresh))] {
        println!("{report}");
        assert!(report.is_clean());
    }
    println!("summary: {}: {} cases", engine.version(), CASES.len());
    println!("summary: {}: {} listing cases", engine.version(), LISTING_CASES.len());
}
