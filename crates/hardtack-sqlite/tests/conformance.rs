//! The SQLite store passes the conformance suite in memory and in a file, with both kinds of reads.

use std::sync::atomic::{AtomicU32, Ordering};

use hardtack_conformance::Fresh;
use hardtack_sqlite::{Durability, Reads, SqliteStore};
use tempfile::TempDir;

mod in_memory {
    use hardtack_conformance::block_on;
    use hardtack_sqlite::SqliteStore;

    async fn fresh() -> SqliteStore {
        SqliteStore::in_memory().await.expect("a database in memory opens")
    }

    hardtack_conformance::suite!(fresh, block_on, super::name("in memory"));
    hardtack_conformance::listing_suite!(fresh, block_on, super::name("in memory"));
}

mod in_a_file {
    use hardtack_conformance::block_on;
    use hardtack_sqlite::Reads::Inline;

    hardtack_conformance::suite!(super::files(Inline), block_on, super::name("in a file"));
    hardtack_conformance::listing_suite!(super::files(Inline), block_on, super::name("in a file"));
}

mod in_a_file_read_by_threads {
    use hardtack_conformance::block_on;
    use hardtack_sqlite::Reads::Threads;

    hardtack_conformance::suite!(super::files(Threads), block_on, super::name("in a file, read by threads"));
    hardtack_conformance::listing_suite!(
        super::files(Threads),
        block_on,
        super::name("in a file, read by threads")
    );
}

/// Returns the name of the store under test, with the engine's version.
fn name(how: &str) -> String {
    format!("SQLite {}, {how}", rusqlite::version())
}

/// Returns a closure that opens a store in a new file each time. The files are in a directory that is removed when the
/// closure is dropped.
fn files(reads: Reads) -> impl Fresh<Store = SqliteStore> {
    let folder = TempDir::new().expect("a folder for temporary files");
    let files = AtomicU32::new(0);
    move || {
        let path = folder.path().join(format!("{}.db", files.fetch_add(1, Ordering::Relaxed)));
        async move {
            let options = SqliteStore::options().durability(Durability::Normal).reads(reads);
            options.open(path).await.expect("a file in a fresh folder opens")
        }
    }
}
