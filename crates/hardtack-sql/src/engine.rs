use std::fmt;
use std::future::Future;
use std::time::Duration;

use hardtack_core::protocol::{Lineage, StoreKey};
use hardtack_core::store::{Listed, Row, Stored, Summary};

use crate::failure::{BoxError, Failure};
use crate::setup::table::Table;
use crate::write::{OwnerKey, Write, WriteOutcome};

/// An executor of batched requests on one kind of database server.
///
/// Every call has exclusive use of its connection. A returned future may be dropped at any await point; the connection
/// is then not used again.
pub trait Engine: fmt::Debug + Send + Sync + 'static {
    /// One connection to the server.
    type Connection: fmt::Debug + Send;

    /// The server's display name, such as `PostgreSQL`.
    const NAME: &'static str;

    /// The character that quotes identifiers: `"` or a backtick.
    const QUOTE: char;

    /// Parses the URL and prepares the statements, without connecting.
    ///
    /// # Errors
    ///
    /// Fails if the URL is malformed or requires a feature that is not built in. The error does not quote the URL.
    fn new(url: &str, table: Table, timeout: Duration) -> Result<Self, BoxError>
    where
        Self: Sized;

    /// Connects to the server.
    fn connect(&self) -> impl Future<Output = Result<Self::Connection, Failure>> + Send;

    /// Creates the schema if it does not exist, and refuses any other schema version. Any number of programs can do
    /// this at the same time.
    fn migrate(&self, connection: &mut Self::Connection) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Checks whether the connection is usable: `false` if it is known to be broken.
    fn is_alive(connection: &mut Self::Connection) -> impl Future<Output = bool> + Send;

    /// Returns the server's time, in milliseconds since 1970.
    fn clock(&self, connection: &mut Self::Connection) -> impl Future<Output = Result<i64, Failure>> + Send;

    /// Returns the requested records that exist, in any order. No key occurs twice in the request or in the result. A
    /// record that cannot be decoded is returned as a failure of its own.
    fn load(
        &self,
        connection: &mut Self::Connection,
        keys: &[StoreKey],
    ) -> impl Future<Output = Result<Vec<LoadedRow>, Failure>> + Send;

    /// Returns the first `size` records of one owner whose keys come after `after`, in key order. If fewer are
    /// returned, there are no more. A record that cannot be decoded is returned as a failure of its own.
    fn owned_by(
        &self,
        connection: &mut Self::Connection,
        owner_key: &OwnerKey,
        after: &[u8],
        size: usize,
    ) -> impl Future<Output = Result<Vec<Row<Summary, Failure>>, Failure>> + Send;

    /// Checks whether an owner has a record whose lineage is not `spared`, or any record if `spared` is `None`. The
    /// check uses a new snapshot.
    fn has_others(
        &self,
        connection: &mut Self::Connection,
        owner_key: &OwnerKey,
        spared: Option<&Lineage>,
    ) -> impl Future<Output = Result<bool, Failure>> + Send;

    /// Returns the first `size` records whose keys come after `after`, in key order. If fewer are returned, there are
    /// no more. A record that cannot be decoded is returned as a failure of its own.
    fn page(
        &self,
        connection: &mut Self::Connection,
        after: &[u8],
        size: usize,
    ) -> impl Future<Output = Result<Vec<Row<Listed, Failure>>, Failure>> + Send;

    /// Executes a batch of writes with the same effect as executing them one after another in some order, and returns
    /// the result of each, in the order of `writes`. The writes are sorted by key, so two batches that lock their
    /// records in the given order cannot deadlock.
    fn write(
        &self,
        connection: &mut Self::Connection,
        writes: &[Write],
    ) -> impl Future<Output = Vec<Result<WriteOutcome, Failure>>> + Send;
}

/// The key of an existing record, and the record or the reason why it cannot be decoded.
pub type LoadedRow = (StoreKey, Result<Stored, Failure>);
