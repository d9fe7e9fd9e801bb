//! Two stores that act as one pass the suite that every store must pass.

use hardtack_core::store::{MemoryStore, Moving};

async fn fresh() -> Moving<MemoryStore, MemoryStore> {
    Moving::new(MemoryStore::new(), MemoryStore::new())
}

hardtack_conformance::suite!(fresh);
hardtack_conformance::listing_suite!(fresh);
