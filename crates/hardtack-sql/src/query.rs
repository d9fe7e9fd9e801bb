use std::future::Future;

use hardtack_core::protocol::{Lineage, StoreKey};
use hardtack_core::store::{Listed, Row, Summary};

use crate::engine::{Engine, Failure, LoadedRow, OwnerKey};

/// A read that can be retried.
pub(crate) trait Query: Sync {
    /// The result of the read.
    type Output: Send;

    fn run<E: Engine>(
        &self,
        engine: &E,
        connection: &mut E::Connection,
    ) -> impl Future<Output = Result<Self::Output, Failure>> + Send;
}

#[derive(Debug)]
pub(crate) struct LoadQuery<'a>(pub(crate) &'a [StoreKey]);

#[derive(Debug)]
pub(crate) struct OwnedByQuery<'a> {
    pub(crate) owner_key: &'a OwnerKey,
    pub(crate) after: &'a [u8],
    pub(crate) size: usize,
}

#[derive(Debug)]
pub(crate) struct HasOthersQuery<'a> {
    pub(crate) owner_key: &'a OwnerKey,
    pub(crate) spared: Option<&'a Lineage>,
}

#[derive(Debug)]
pub(crate) struct PageQuery<'a> {
    pub(crate) after: &'a [u8],
    pub(crate) size: usize,
}

#[derive(Debug)]
pub(crate) struct ClockQuery;

impl Query for LoadQuery<'_> {
    type Output = Vec<LoadedRow>;

    async fn run<E: Engine>(
        &self,
        engine: &E,
        connection: &mut E::Connection,
    ) -> Result<Self::Output, Failure> {
        engine.load(connection, self.0).await
    }
}

impl Query for OwnedByQuery<'_> {
    type Output = Vec<Row<Summary, Failure>>;

    async fn run<E: Engine>(
        &self,
        engine: &E,
        connection: &mut E::Connection,
    ) -> Result<Self::Output, Failure> {
        engine.owned_by(connection, self.owner_key, self.after, self.size).await
    }
}

impl Query for HasOthersQuery<'_> {
    type Output = bool;

    async fn run<E: Engine>(
        &self,
        engine: &E,
        connection: &mut E::Connection,
    ) -> Result<Self::Output, Failure> {
        engine.has_others(connection, self.owner_key, self.spared).await
    }
}

impl Query for PageQuery<'_> {
    type Output = Vec<Row<Listed, Failure>>;

    async fn run<E: Engine>(
        &self,
        engine: &E,
        connection: &mut E::Connection,
    ) -> Result<Self::Output, Failure> {
        engine.page(connection, self.after, self.size).await
    }
}

impl Query for ClockQuery {
    type Output = i64;

    async fn run<E: Engine>(
        &self,
        engine: &E,
        connection: &mut E::Connection,
    ) -> Result<Self::Output, Failure> {
        engine.clock(connection).await
    }
}
