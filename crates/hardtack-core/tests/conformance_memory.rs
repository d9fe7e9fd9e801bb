//! The memory store passes the suite that every store must pass.

use hardtack_core::store::MemoryStore;

async fn fresh() -> MemoryStore {
    MemoryStore::new()
}

hardtack_conformance::suite!(fresh);
