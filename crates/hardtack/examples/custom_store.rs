//! A store that times another: `cargo run -p hardtack --example custom_store`, then open http://localhost:3009.

use std::time::{Instant, SystemTime};

use axum::{Router, routing::get};
use hardtack::protocol::{Lineage, Owner, Purpose, Record, StoreKey};
use hardtack::store::{StoreError, Stored, Summary, Swap, Version};
use hardtack::{MemoryStore, Session, SessionLayer, SessionStore};

type Result<T, E = StoreError> = std::result::Result<T, E>;

struct Timed<S>(S);

/// The guide's page on writing a store contains the rules, a store written from scratch, and its test suite.
impl<S: SessionStore> SessionStore for Timed<S> {
    async fn load(&self, key: &StoreKey) -> Result<Option<Stored>> {
        let begun = Instant::now();
        let loaded = self.0.load(key).await;
        println!("loaded a session in {:?}", begun.elapsed()); // never the key
        loaded
    }
    async fn create(&self, key: &StoreKey, record: &Record) -> Result<Swap> {
        self.0.create(key, record).await
    }
    async fn replace(&self, key: &StoreKey, expected: Version, record: &Record) -> Result<Swap> {
        self.0.replace(key, expected, record).await
    }
    async fn touch(&self, key: &StoreKey, old: Version, seen: SystemTime, end: SystemTime) -> Result<bool> {
        self.0.touch(key, old, seen, end).await
    }
    async fn delete(&self, key: &StoreKey, expected: Version) -> Result<bool> {
        self.0.delete(key, expected).await
    }
    async fn owned_by(
        &self,
        purpose: &Purpose,
        owner: &Owner,
        after: Option<&StoreKey>,
        at_most: usize,
    ) -> Result<Vec<Summary>> {
        self.0.owned_by(purpose, owner, after, at_most).await
    }
    async fn delete_owned_by(&self, purpose: &Purpose, owner: &Owner, keep: Option<&Lineage>) -> Result<u64> {
        self.0.delete_owned_by(purpose, owner, keep).await
    }
    async fn sweep(&self, now: SystemTime, at_most: usize) -> Result<usize> {
        self.0.sweep(now, at_most).await
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let app = Router::new().route("/", get(home)).layer(SessionLayer::stored(Timed(MemoryStore::new())));
    let listener = tokio::net::TcpListener::bind("localhost:3009").await?;
    Ok(axum::serve(listener, app).await?)
}

async fn home(session: Session) -> String {
    format!("Visits before: {}", session.update("visits", |n: &mut u64| std::mem::replace(n, *n + 1)))
}
