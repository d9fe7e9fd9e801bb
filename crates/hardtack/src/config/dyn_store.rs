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

/// A store of any type, with group commit.
///
/// Each method boxes the future of a whole operation instead of one future per call to the store. A load or a save
/// therefore allocates a single box. The arguments are owned, so that the future of a response can contain that box.
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
            // An observed commit is not grouped with others, so that the inspector shows only the retries of this
            // request.
            if is_observed {
                return commit(store.as_ref(), &work).await;
            }
            // Matches the whole result, because `?` would copy the committed value once more.
            match self.try_alone(store.as_ref(), &work).await {
                Ok(Attempt::Done(committed)) => Ok(committed),
                // This future is large and rarely needed, so it is boxed to keep the common path small.
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

/// Boxes a future, in a span if the log level includes `debug`. Otherwise no span is created, so the future is smaller.
fn boxed<T>(
    span: impl FnOnce() -> Span,
    work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
) -> BoxFuture<T> {
    if LevelFilter::current() < Level::DEBUG { Box::pin(work) } else { Box::pin(work.instrument(span())) }
}

impl Trace {
    /// Wraps a store to record its calls.
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
