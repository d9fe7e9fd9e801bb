use std::future::Future;
use std::path::Path;

use hardtack_core::protocol::StoreKey;
use hardtack_core::store::{SessionListing, StoreError};
use hardtack_engines::DatabaseProgram;
use hardtack_sql::{Settings, SqlMetrics};

use super::Result;

/// A store under test, and its specifics.
pub trait TestedStore {
    /// The type of the store.
    type Store: SessionListing + Clone;
    /// The server to test it on.
    type Program: DatabaseProgram;

    /// Connects to the server.
    fn connect(url: &str, settings: Settings)
    -> impl Future<Output = Result<Self::Store, StoreError>> + Send;

    /// A lock on a record, taken without a store.
    type Lock: RowLock;

    /// Settings that make the server wait before it commits, so that more statements overlap.
    const SLOW_COMMITS: &'static [&'static str];

    /// Returns the store's counters.
    fn metrics(store: &Self::Store) -> SqlMetrics;

    /// Makes the server refuse every record whose data is the bytes `ba d0`, with the word `poison` in the error.
    fn refuse_poison(url: &str) -> impl Future<Output = Result> + Send;

    /// Replaces a record's label with a byte that is not valid text.
    fn damage(url: &str, key: &StoreKey) -> impl Future<Output = Result> + Send;

    /// Returns the same URL, with encryption required.
    fn encrypted(url: &str) -> String;

    /// Returns the same URL, with encryption required and a file of certificates to trust.
    fn trusting(url: &str, certificates: &Path) -> String;
}

/// A lock on one record, held by a connection outside any store.
pub trait RowLock: Sized + Send {
    /// Takes the lock.
    fn take(url: &str, key: &StoreKey) -> impl Future<Output = Result<Self>> + Send;

    /// Returns whether a statement is waiting for a lock.
    fn is_waited_for(&mut self) -> impl Future<Output = Result<bool>> + Send;

    /// Releases the lock.
    fn release(self) -> impl Future<Output = Result> + Send;
}
