use std::future::Future;

use hardtack_core::session::{Lineage, StoreKey};
use hardtack_core::store::{Listed, Row, Summary};

use crate::engine::{Engine, Failure, Loaded, Whose};

/// A read that can be retried.
pub(crate) trait Query: Sync {
    /// The result of the read.
    type Answer: Send;

    fn run<E: Engine>(
        &self,
        engine: &E,
        connection: &mut E::Connection,
    ) -> impl Future<Output = Result<Self::Answer, Failure>> + Send;
}

#[derive(Debug)]
pub(crate) struct Load<'a>(pub(crate) &'a [StoreKey]);

#[derive(Debug)]
pub(crate) struct OwnedBy<'a> {
    pub(crate) whose: &'a Whose,
    pub(crate) after: &'a [u8],
    pub(crate) size: usize,
}

#[derive(Debug)]
pub(crate) struct HasOthers<'a> {
    pub(crate) whose: &'a Whose,
    pub(crate) spared: Option<&'a Lineage>,
}

#[derive(Debug)]
pub(crate) struct Page<'a> {
    pub(crate) after: &'a [u8],
    pub(crate) size: usize,
}

#[derive(Debug)]
pub(crate) struct Clock;

impl Query for Load<'_> {
    type Answer = Vec<Loaded>;

    async fn run<E: Engine>(
        &self,
        engine: &E,
        connection: &mut E::Connection,
    ) -> Result<Self::Answer, Failure> {
        engine.load(connection, self.0).await
    }
}

impl Query for OwnedBy<'_> {
    type Answer = Vec<Row<Summary, Failure>>;

    async fn run<E: Engine>(
        &self,
        engine: &E,
        connection: &mut E::Connection,
    ) -> Result<Self::Answer, Failure> {
        engine.owned_by(connection, self.whose, self.after, self.size).await
    }
}

impl Query for HasOthers<'_> {
    type Answer = bool;

    async fn run<E: Engine>(
        &self,
        engine: &E,
        connection: &mut E::Connection,
    ) -> Result<Self::Answer, Failure> {
        engine.has_others(connection, self.whose, self.spared).await
    }
}

impl Query for Page<'_> {
    type Answer = Vec<Row<Listed, Failure>>;

    async fn run<E: Engine>(
        &self,
        engine: &E,
        connection: &mut E::Connection,
    ) -> Result<Self::Answer, Failure> {
        engine.page(connection, self.after, self.size).await
    }
}

impl Query for Clock {
    type Answer = i64;

    async fn run<E: Engine>(
        &self,
        engine: &E,
        connection: &mut E::Connection,
    ) -> Result<Self::Answer, Failure> {
        engine.clock(connection).await
    }
}
