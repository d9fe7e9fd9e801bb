//! The MySQL store passes the suite that every store must pass, on a real MariaDB.

use std::sync::atomic::{AtomicU32, Ordering};

use hardtack_conformance::{CASES, run};
use hardtack_engines::MariaDb;
use hardtack_mysql::MySqlStore;

#[test]
#[ignore = "needs MariaDB, which ./test installs"]
fn every_case_passes() {
    let engine = MariaDb::start().expect("MariaDB starts");
    let tables = AtomicU32::new(0);
    let fresh = || {
        let table = format!("session_{}", tables.fetch_add(1, Ordering::Relaxed));
        async { MySqlStore::options().table(table).connect(&engine.url()).await.expect("it connects") }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let report = runtime.block_on(run(fresh));
    println!("{report}");
    assert!(report.is_clean());
    println!("summary: {}: {} cases", engine.version(), CASES.len());
}
