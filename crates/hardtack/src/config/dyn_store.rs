use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::SystemTime;

use hardtack_core::protocol::{Lineage, Owner, Purpose, StoreKey};
use hardtack_core::store::{
    Attempt, Commit, Committed, GroupCommit, Opened, SessionStore, StoreError, Summary, commit, open, revoke,
};
use tracing::level_filters::LevelFilter;
use tracing::{Instrument, Level, Span, debug_span};

#[cfg(feature = "inspect")]
use crate::config::timed::Timed;
use crate::observe::Trace;

pub(crate) type BoxFuture<T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send>>;

/// A store of any type, behind group commit.
///
/// Each method boxes a whole protocol, not each call to the store: one box per load, and one per save. The arguments
/// are owned, so that a response's future can hold the store's future.
pub(crate) trait DynStore: Send + Sync {
    fn open(
        self: Arc<Self>,
        purpose: Purpose,
        key: StoreKey,
        now: SystemTime,
        trace: Trace,
    ) -> BoxFuture<Opened>;
    fn commit(self: Arc<Self>, work: Box<Commit>, trace: Trace) -> BoxFuture<Committed>;
    fn owned_by(
        self: Arc<Self>,
        purpose: Purpose,
        owner: Owner,
        after: Option<StoreKey>,
        at_most: usize,
    ) -> BoxFuture<Vec<Summary>>;
    fn end(self: Arc<Self>, purpose: Purpose, owner: Owner, key: StoreKey) -> BoxFuture<bool>;
    fn end_others(self: Arc<Self>, purpose: Purpose, owner: Owner, spared: Option<Lineage>)
    -> BoxFuture<u64>;
}

impl<S: SessionStore> DynStore for GroupCommit<S> {
    fn open(
        self: Arc<Self>,
        purpose: Purpose,
        key: StoreKey,
        now: SystemTime,
        trace: Trace,
    ) -> BoxFuture<Opened> {
        boxed(|| debug_span!("session.open"), async move {
            let store = trace.timed(self.store());
            open(store.as_ref(), &purpose, key, now).await
        })
    }

    fn commit(self: Arc<Self>, work: Box<Commit>, trace: Trace) -> BoxFuture<Committed> {
        boxed(|| debug_span!("session.commit"), async move {
            let is_observed = trace.is_observed();
            let store = trace.timed(self.store());
            // Without group commit, the retries are this request's own, and can be shown.
            if is_observed {
                return commit(store.as_ref(), &work).await;
            }
            // Matched as a whole, because `?` would copy the committed value once more.
            match self.try_alone(store.as_ref(), &work).await {
                Ok(Attempt::Done(committed)) => Ok(committed),
                // Rare and large: boxed, so that the common path stays small.
                Ok(Attempt::Met { refused }) => Box::pin(self.join(*work, refused)).await,
                Err(error) => Err(error),
            }
        })
    }

    fn owned_by(
        self: Arc<Self>,
        purpose: Purpose,
        owner: Owner,
        after: Option<StoreKey>,
        at_most: usize,
    ) -> BoxFuture<Vec<Summary>> {
        Box::pin(async move { self.store().owned_by(&purpose, &owner, after.as_ref(), at_most).await })
    }

    fn end(self: Arc<Self>, purpose: Purpose, owner: Owner, key: StoreKey) -> BoxFuture<bool> {
        Box::pin(async move { revoke(&**self.store(), &key, Some((&purpose, &owner))).await })
    }

    fn end_others(
        self: Arc<Self>,
        purpose: Purpose,
        owner: Owner,
        spared: Option<Lineage>,
    ) -> BoxFuture<u64> {
        Box::pin(async move { self.store().delete_owned_by(&purpose, &owner, spared.as_ref()).await })
    }
}

/// Boxes a future. Usually nothing subscribes to the span, so it is not created, and the future does not grow because
/// of it.
fn boxed<T>(
    span: impl FnOnce() -> Span,
    work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
) -> BoxFuture<T> {
    if LevelFilter::current() < Level::DEBUG { Box::pin(work) } else { Box::pin(work.instrument(span())) }
}

impl Trace {
    /// Wraps a store, to record its calls.
    #[cfg(feature = "inspect")]
    fn timed<S>(self, store: &Arc<S>) -> Timed<S> {
        Timed::new(Arc::clone(store), self)
    }

    /// Returns the store unchanged.
    #[cfg(not(feature = "inspect"))]
    #[inline(always)]
    fn timed<S>(self, store: &Arc<S>) -> &Arc<S> {
        store
    }
}
