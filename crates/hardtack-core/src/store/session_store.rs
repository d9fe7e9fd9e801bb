use std::future::Future;
use std::sync::Arc;
use std::time::SystemTime;

use crate::protocol::{Lineage, Login, Owner, Purpose, Record, StoreKey};
use crate::store::StoreError;

/// The contract of a session store. `hardtack-conformance` tests whether a store fulfills it.
///
/// A store saves and returns bytes. It does not interpret JSON, cookies, HTTP, or tombstones, and it never decides
/// whether a record has expired: it returns the record, and the caller compares the expiry with its own clock.
/// Implementations use plain `async fn`s.
///
/// Each of `create`, `replace`, `touch`, and `delete` is **one atomic step** (one statement, one script, one lock). A
/// step is acknowledged only once it is as durable as the store promises. If a returned future is dropped before it
/// completes, the step was applied at most once, and its outcome is unknown.
///
/// The `hardtack` guide explains each rule and has a complete store.
///
/// # Errors
///
/// All methods return an error if the backend fails. It is not an error if a record does not exist, or has a different
/// version than expected. A failed write is not retried.
///
/// # Security
///
/// A store receives a [`StoreKey`], which is a digest of the session id, and never the id itself. A leaked table is
/// therefore not a list of usable session ids.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a session store",
    note = "use `MemoryStore` or `SqliteStore`, or implement `SessionStore` with plain `async fn`s"
)]
pub trait SessionStore: Send + Sync + 'static {
    /// Returns the record under `key` with its version, or `None` if there is no such record.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::unreadable`] if a record exists but cannot be decoded. The session is treated as unknown,
    /// and the record is left for the operator. The error concerns only this record: other records that are loaded in
    /// the same batch are not affected. A store does not check the record's data, which is opaque to the store.
    fn load(&self, key: &StoreKey) -> impl Future<Output = Result<Option<Stored>, StoreError>> + Send;

    /// Writes a record under a key that has none. Never overwrites a record, not even an expired one.
    fn create(
        &self,
        key: &StoreKey,
        record: &Record,
    ) -> impl Future<Output = Result<Swap, StoreError>> + Send;

    /// Replaces the record that has the `expected` version. Never inserts.
    ///
    /// The purpose is part of the key, so it never differs from that of the previous record. A store need not write it.
    fn replace(
        &self,
        key: &StoreKey,
        expected: Version,
        record: &Record,
    ) -> impl Future<Output = Result<Swap, StoreError>> + Send;

    /// Updates the two times of the record that has the `expected` version, and changes neither its data nor its
    /// version. Returns `false` if there is no record with that version.
    fn touch(
        &self,
        key: &StoreKey,
        expected: Version,
        last_seen: SystemTime,
        expires_at: SystemTime,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Removes the record that has the `expected` version. Returns `false` if there is no record with that version.
    fn delete(
        &self,
        key: &StoreKey,
        expected: Version,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Returns an owner's records with this purpose, in key order, starting with the first key after `after`. This is
    /// one page of "your devices".
    ///
    /// Returns [`Page::size`](crate::store::Page::size)`(at_most)` records, or fewer only if there are no more.
    ///
    /// A record that cannot be decoded does not hide the others. The store skips it, continues with the next one, and
    /// logs the number of skipped records once per call. [`Rows`](crate::store::Rows) counts them.
    fn owned_by(
        &self,
        purpose: &Purpose,
        owner: &Owner,
        after: Option<&StoreKey>,
        at_most: usize,
    ) -> impl Future<Output = Result<Vec<Summary>, StoreError>> + Send;

    /// Removes an owner's records with this purpose, except those with the `spared` lineage, and returns the number of
    /// removed records. This is "log out everywhere else".
    ///
    /// When the method returns, there was a point in time during the call at which no such record existed. A single
    /// statement that finds and removes records does not guarantee this if it misses concurrent writes: a session that
    /// is being renewed is created under a new key before it is removed from the old one, and must be found under one
    /// of the two. A store with concurrent statements must therefore search again, with a fresh snapshot, until it
    /// finds no more records.
    ///
    /// A record that cannot be decoded is also removed, if the store can still determine its owner.
    fn delete_owned_by(
        &self,
        purpose: &Purpose,
        owner: &Owner,
        spared: Option<&Lineage>,
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Removes up to `at_most` records that expired at or before `now`, and returns the number of removed records.
    ///
    /// The work is proportional to the number of expired records, not to the size of the store.
    fn sweep(
        &self,
        now: SystemTime,
        at_most: usize,
    ) -> impl Future<Output = Result<usize, StoreError>> + Send;
}

/// Delegates to the shared store.
impl<S: SessionStore> SessionStore for Arc<S> {
    fn load(&self, key: &StoreKey) -> impl Future<Output = Result<Option<Stored>, StoreError>> + Send {
        S::load(self, key)
    }

    fn create(
        &self,
        key: &StoreKey,
        record: &Record,
    ) -> impl Future<Output = Result<Swap, StoreError>> + Send {
        S::create(self, key, record)
    }

    fn replace(
        &self,
        key: &StoreKey,
        expected: Version,
        record: &Record,
    ) -> impl Future<Output = Result<Swap, StoreError>> + Send {
        S::replace(self, key, expected, record)
    }

    fn touch(
        &self,
        key: &StoreKey,
        expected: Version,
        last_seen: SystemTime,
        expires_at: SystemTime,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send {
        S::touch(self, key, expected, last_seen, expires_at)
    }

    fn delete(
        &self,
        key: &StoreKey,
        expected: Version,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send {
        S::delete(self, key, expected)
    }

    fn owned_by(
        &self,
        purpose: &Purpose,
        owner: &Owner,
        after: Option<&StoreKey>,
        at_most: usize,
    ) -> impl Future<Output = Result<Vec<Summary>, StoreError>> + Send {
        S::owned_by(self, purpose, owner, after, at_most)
    }

    fn delete_owned_by(
        &self,
        purpose: &Purpose,
        owner: &Owner,
        spared: Option<&Lineage>,
    ) -> impl Future<Output = Result<u64, StoreError>> + Send {
        S::delete_owned_by(self, purpose, owner, spared)
    }

    fn sweep(
        &self,
        now: SystemTime,
        at_most: usize,
    ) -> impl Future<Output = Result<usize, StoreError>> + Send {
        S::sweep(self, now, at_most)
    }
}

/// A record with its version.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stored {
    /// The record as it was written.
    pub record: Record,
    /// The version of the record.
    pub version: Version,
}

impl Stored {
    /// For store authors: creates the result of [`load`](SessionStore::load).
    #[inline]
    #[must_use]
    pub const fn new(record: Record, version: Version) -> Self {
        Self { record, version }
    }
}

/// The result of a conditional write.
///
/// The enum is exhaustive, because a compare-and-swap has no third result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a refused write does not change anything"]
pub enum Swap {
    /// The record was written, and now has this version.
    Done(Version),
    /// The condition did not hold; nothing was written.
    Refused,
}

/// The version of a record. The store assigns it. It is opaque, and is compared only for equality.
///
/// A store must never assign the same version to two writes under one key, even if the record was deleted and created
/// again in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Version(u64);

impl Version {
    /// Creates a version from the store's own number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Returns the store's own number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

/// A summary of a session: one entry of "your devices".
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// The key of the record.
    pub key: StoreKey,
    /// The version of the record that was read.
    pub version: Version,
    /// The user and the identity of their login. Always `Some` if the record was looked up by owner.
    pub login: Option<Login>,
    /// The name of the device, as the application set it for this session.
    pub label: Option<Arc<str>>,
    /// When the session began.
    pub created_at: SystemTime,
    /// When the session was last used, to the precision of the touch interval.
    pub last_seen: SystemTime,
    /// When the session expires if it is not used again.
    pub expires_at: SystemTime,
}

impl Summary {
    /// For store authors: creates the summary of a session without a user and without a label, whose other times are
    /// also `created_at`. Each of the methods below sets one field.
    #[must_use]
    pub const fn new(key: StoreKey, version: Version, created_at: SystemTime) -> Self {
        Self {
            key,
            version,
            login: None,
            label: None,
            created_at,
            last_seen: created_at,
            expires_at: created_at,
        }
    }

    /// For store authors: creates the summary of a complete record.
    #[must_use]
    pub fn of(key: StoreKey, stored: &Stored) -> Self {
        let record = &stored.record;
        Self {
            key,
            version: stored.version,
            login: record.login.clone(),
            label: record.label.clone(),
            created_at: record.created_at,
            last_seen: record.last_seen,
            expires_at: record.expires_at,
        }
    }

    /// Sets the user and the identity of their login. The default is `None`.
    #[must_use]
    pub fn login(mut self, login: Option<Login>) -> Self {
        self.login = login;
        self
    }

    /// Sets the name of the device. The default is `None`.
    #[must_use]
    pub fn label(mut self, label: Option<Arc<str>>) -> Self {
        self.label = label;
        self
    }

    /// Sets when the session was last used. The default is `created_at`.
    #[must_use]
    pub fn last_seen(mut self, last_seen: SystemTime) -> Self {
        self.last_seen = last_seen;
        self
    }

    /// Sets when the session expires if it is not used again. The default is `created_at`.
    #[must_use]
    pub fn expires_at(mut self, expires_at: SystemTime) -> Self {
        self.expires_at = expires_at;
        self
    }
}
