use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::SystemTime;

use hardtack_core::session::{Lineage, Owner, Purpose, StoreKey};
use hardtack_core::store::{
    Attempt, Commit, Committed, GroupCommit, Opened, SessionStore, StoreError, Summary, commit, open, revoke,
};
use tracing::level_filters::LevelFilter;
use tracing::{Instrument, Level, Span, debug_span};

#[cfg(feature = "inspect")]
use crate::inspect::Timed;
use crate::observe::Notes;

pub(crate) type BoxFuture<T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send>>;

/// A store of any type, with the group commit in front of it.
///
/// Each method boxes a whole protocol, not each call of the store: one box for a load, and one for a save. The
/// arguments are owned, so that a response's future can hold the store's.
pub(crate) trait DynStore: Send + Sync {
    fn open(
        self: Arc<Self>,
        purpose: Purpose,
        key: StoreKey,
        now: SystemTime,
        notes: Notes,
    ) -> BoxFuture<Opened>;
    fn commit(self: Arc<Self>, work: Box<Commit>, notes: Notes) -> BoxFuture<Committed>;
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
        notes: Notes,
    ) -> BoxFuture<Opened> {
        boxed(|| debug_span!("session.open"), async move {
            let store = notes.timed(self.store());
            open(store.as_ref(), &purpose, key, now).await
        })
    }

    fn commit(self: Arc<Self>, work: Box<Commit>, notes: Notes) -> BoxFuture<Committed> {
        boxed(|| debug_span!("session.commit"), async move {
            let is_watched = notes.is_watched();
            let store = notes.timed(self.store());
            // Its retries are its own then, and can be shown.
            if is_watched {
                return commit(store.as_ref(), &work).await;
            }
            // Matched whole, as `?` would copy what was committed once more.
            match self.try_alone(store.as_ref(), &work).await {
                Ok(Attempt::Done(committed)) => Ok(committed),
                // Rare, and large: boxed, so that the common way stays small.
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

/// Mostly nobody listens to a span, and then none is made, and no future made larger for it.
fn boxed<T>(
    span: impl FnOnce() -> Span,
    work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
) -> BoxFuture<T> {
    if LevelFilter::current() < Level::DEBUG { Box::pin(work) } else { Box::pin(work.instrument(span())) }
}

impl Notes {
    /// A store whose calls are noted too.
    #[cfg(feature = "inspect")]
    fn timed<S>(self, store: &Arc<S>) -> Timed<S> {
        Timed::new(Arc::clone(store), self)
    }

    /// Whether a witness watches.
    #[inline(always)]
    fn is_watched(&self) -> bool {
        #[cfg(feature = "inspect")]
        return self.account.is_some();
        #[cfg(not(feature = "inspect"))]
        false
    }

    /// The store as it is.
    #[cfg(not(feature = "inspect"))]
    #[inline(always)]
    fn timed<S>(self, store: &Arc<S>) -> &Arc<S> {
        store
    }
}
