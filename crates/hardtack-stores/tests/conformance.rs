//! A store chosen by URL passes the conformance suite.

use hardtack_stores::AnyStore;

async fn fresh() -> AnyStore {
    AnyStore::open("memory:").await.expect("there is memory")
}

hardtack_conformance::suite!(fresh);
