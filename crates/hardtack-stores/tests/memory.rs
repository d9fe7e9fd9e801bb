//! A store that was chosen passes the suite that every store must pass.

use hardtack_stores::AnyStore;

async fn fresh() -> AnyStore {
    AnyStore::open("memory:").await.expect("there is memory")
}

hardtack_conformance::suite!(fresh);
