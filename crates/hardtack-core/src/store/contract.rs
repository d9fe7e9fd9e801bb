use std::future::Future;
use std::sync::Arc;
use std::time::SystemTime;

use crate::session::{Lineage, Login, Owner, Purpose, Record, StoreKey};
use crate::store::StoreError;

/// Keeps sessions: the contract that every store fulfils, and that `hardtack-conformance` tests.
///
/// A store moves bytes. It knows no JSON, no cookies, no HTTP and no tombstones, and it never judges whether a record
/// has expired: it returns what it holds, and the caller compares with its own clock. Implementors write plain
/// `async fn`s.
///
/// Each of `create`, `replace`, `touch` and `delete` is **one atomic step** (one statement, one script, one lock), and
/// is acknowledged only once it is as durable as the store promises. Dropping a returned future before it is done
/// means "applied at most once, outcome unknown".
///
/// The guide of the crate `hardtack` has each rule by itself, and a whole store in a hundred lines.
///
/// # Errors
///
/// Of all methods: the machine behind the store is broken. What is not there, or not in the expected version, is no
/// error. A write that failed is not sent again.
///
/// # Security
///
/// A store is given a [`StoreKey`], a digest of the session id, never the id itself: a leaked table is not a table of
/// live sessions.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a session store",
    note = "use `MemoryStore`, `SqliteStore`, or implement `SessionStore` with plain `async fn`s"
)]
pub trait SessionStore: Send + Sync + 'static {
    /// The record under `key` with its version, or `None`.
    ///
    /// # Errors
    ///
    /// Where a record is there but cannot be decoded, the error is [`StoreError::unreadable`]: the session counts as
    /// unknown, and the record is left for the operator. It is about this record alone: other records that are loaded
    /// in the same group are not affected. A store does not check the record's data, which is opaque to it.
    fn load(&self, key: &StoreKey) -> impl Future<Output = Result<Option<Stored>, StoreError>> + Send;

    /// Writes a record where there is none. Never overwrites, not even an expired record.
    fn create(
        &self,
        key: &StoreKey,
        record: &Record,
    ) -> impl Future<Output = Result<Swap, StoreError>> + Send;

    /// Writes a record over the one with the `expected` version. Never inserts.
    ///
    /// The purpose is never another than that of the record before: it is also in the key. A store may leave it as it is.
    fn replace(
        &self,
        key: &StoreKey,
        expected: Version,
        record: &Record,
    ) -> impl Future<Output = Result<Swap, StoreError>> + Send;

    /// Moves the two times of the record with the `expected` version; neither its data nor its version changes.
    /// `false` if it is not there in that version.
    fn touch(
        &self,
        key: &StoreKey,
        expected: Version,
        last_seen: SystemTime,
        expires_at: SystemTime,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Removes the record with the `expected` version. `false` if it is not there in that version.
    fn delete(
        &self,
        key: &StoreKey,
        expected: Version,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// The records of one owner that have this purpose, in the order of their keys, from the first one after `after`:
    /// a page of "your devices".
    ///
    /// It returns [`Page::size`](crate::store::Page::size)`(at_most)` records, and fewer only if there are no more.
    ///
    /// A record that cannot be decoded does not hide the others: the store leaves it out, goes on behind it, and logs how
    /// many it left out, once per call. [`Rows`](crate::store::Rows) does the counting.
    fn owned_by(
        &self,
        purpose: &Purpose,
        owner: &Owner,
        after: Option<&StoreKey>,
        at_most: usize,
    ) -> impl Future<Output = Result<Vec<Summary>, StoreError>> + Send;

    /// Removes all records of one owner that have this purpose, except those of the `spared` lineage: "log out
    /// everywhere else". Returns how many.
    ///
    /// When it returns, there was a moment during the call at which no such record was left. One statement that looks
    /// for records and removes them does not give that if it misses what others write while it runs: a session that is
    /// being renewed is created under a new key before it is removed from the old one, and has to be found under one of
    /// them. So a store whose statements overlap looks again, freshly, until it finds none.
    ///
    /// A record that cannot be decoded is removed too, if the store can still tell whose it is.
    fn delete_owned_by(
        &self,
        purpose: &Purpose,
        owner: &Owner,
        spared: Option<&Lineage>,
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Removes records that expired at or before `now`, at most `at_most` of them, and returns how many.
    ///
    /// The work is proportional to what expired, not to what is kept.
    fn sweep(
        &self,
        now: SystemTime,
        at_most: usize,
    ) -> impl Future<Output = Result<usize, StoreError>> + Send;
}

/// A shared store.
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

/// A record as a store holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// What was written.
    pub record: Record,
    /// Which writing of it this is.
    pub version: Version,
}

/// What a conditional write did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a refused write has changed nothing"]
pub enum Swap {
    /// Written; the record now has this version.
    Done(Version),
    /// The condition did not hold; nothing was written.
    Refused,
}

/// Which writing of a record this is. Made by the store, opaque, compared for equality only.
///
/// A store must not give the same version to two writings under one key, also when the record was deleted and created
/// anew in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Version(u64);

impl Version {
    /// Wraps a store's own number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The store's own number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

/// One line of "your devices".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Where the record is.
    pub key: StoreKey,
    /// Which writing of it was seen.
    pub version: Version,
    /// Whose session it is, and which login it comes from. A record that was looked up by its owner always has it.
    pub login: Option<Login>,
    /// What the device calls itself.
    pub label: Option<Arc<str>>,
    /// When the session began.
    pub created_at: SystemTime,
    /// When it was last used, to the precision of touching.
    pub last_seen: SystemTime,
    /// When it ends unless it is used.
    pub expires_at: SystemTime,
}
