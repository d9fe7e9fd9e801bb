//! Tests two stores that act as one with the conformance suite that every store must pass.

use hardtack_core::store::{MemoryStore, MigratingStore};

async fn fresh() -> MigratingStore<MemoryStore, MemoryStore> {
    MigratingStore::new(MemoryStore::new(), MemoryStore::new())
}

hardtack_conformance::suite!(fresh);
hardtack_conformance::listing_suite!(fresh);
