use std::ops::Deref;
use std::sync::Arc;
use std::time::SystemTime;

use hardtack_core::protocol::{Lineage, Owner, Purpose, Record, StoreKey};
use hardtack_core::store::{SessionStore, StoreError, Stored, Summary, Swap, Version};

/// A store for tests that passes each call to a hook. The hook decides when to make the call on the wrapped store, or
/// answers without making it. This type is not for use outside this project: it may change in any release.
#[derive(Debug)]
pub struct Spy<S, H> {
    store: Arc<S>,
    hook: H,
}

/// The handler of a [`Spy`]'s calls. The simplest hook makes each call immediately:
///
/// ```
/// use hardtack_conformance::spy::{Answer, Call, Hook};
/// use hardtack_core::store::{SessionStore, StoreError};
///
/// struct Unseen;
///
/// impl<S: SessionStore> Hook<S> for Unseen {
///     async fn answer(&self, store: &S, call: Call) -> Result<Answer, StoreError> {
///         call.make(store).await
///     }
/// }
/// ```
pub trait Hook<S>: Send + Sync + 'static {
    /// Answers a call, usually by [making](Call::make) it.
    fn answer(&self, store: &S, call: Call) -> impl Future<Output = Result<Answer, StoreError>> + Send;
}

/// A call of a [`SessionStore`] method, with its arguments.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "named as in the contract")]
pub enum Call {
    Load { key: StoreKey },
    Create { key: StoreKey, record: Record },
    Replace { key: StoreKey, expected: Version, record: Record },
    Touch { key: StoreKey, expected: Version, last_seen: SystemTime, expires_at: SystemTime },
    Delete { key: StoreKey, expected: Version },
    OwnedBy { purpose: Purpose, owner: Owner, after: Option<StoreKey>, at_most: usize },
    DeleteOwnedBy { purpose: Purpose, owner: Owner, spared: Option<Lineage> },
    Sweep { now: SystemTime, at_most: usize },
}

/// The result of a [`Call`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Answer {
    /// The result of `load`.
    Loaded(Option<Stored>),
    /// The result of `create` or `replace`.
    Swapped(Swap),
    /// The result of `touch` or `delete`.
    Applied(bool),
    /// The result of `owned_by`.
    Listed(Vec<Summary>),
    /// The result of `delete_owned_by`.
    Deleted(u64),
    /// The result of `sweep`.
    Swept(usize),
}

impl Call {
    /// Makes the call on a store.
    ///
    /// # Errors
    ///
    /// Returns the store's error.
    pub async fn make<S: SessionStore>(&self, store: &S) -> Result<Answer, StoreError> {
        Ok(match self {
            Self::Load { key } => Answer::Loaded(store.load(key).await?),
            Self::Create { key, record } => Answer::Swapped(store.create(key, record).await?),
            Self::Replace { key, expected, record } => {
                Answer::Swapped(store.replace(key, *expected, record).await?)
            }
            Self::Touch { key, expected, last_seen, expires_at } => {
                Answer::Applied(store.touch(key, *expected, *last_seen, *expires_at).await?)
            }
            Self::Delete { key, expected } => Answer::Applied(store.delete(key, *expected).await?),
            Self::OwnedBy { purpose, owner, after, at_most } => {
                Answer::Listed(store.owned_by(purpose, owner, after.as_ref(), *at_most).await?)
            }
            Self::DeleteOwnedBy { purpose, owner, spared } => {
                Answer::Deleted(store.delete_owned_by(purpose, owner, spared.as_ref()).await?)
            }
            Self::Sweep { now, at_most } => Answer::Swept(store.sweep(*now, *at_most).await?),
        })
    }

    /// Returns the key of the record, if the call concerns a single record.
    #[must_use]
    pub fn key(&self) -> Option<StoreKey> {
        match self {
            Self::Load { key }
            | Self::Create { key, .. }
            | Self::Replace { key, .. }
            | Self::Touch { key, .. }
            | Self::Delete { key, .. } => Some(*key),
            Self::OwnedBy { .. } | Self::DeleteOwnedBy { .. } | Self::Sweep { .. } => None,
        }
    }
}

impl<S, H> Spy<S, H> {
    /// Wraps a store with a hook.
    pub fn on(store: Arc<S>, hook: H) -> Self {
        Self { store, hook }
    }

    /// Returns the wrapped store.
    pub fn store(&self) -> &Arc<S> {
        &self.store
    }
}

/// Dereferences to the hook. A hook can have methods that report the calls so far and control what happens next.
impl<S, H> Deref for Spy<S, H> {
    type Target = H;

    fn deref(&self) -> &H {
        &self.hook
    }
}

impl<S, H: Clone> Clone for Spy<S, H> {
    fn clone(&self) -> Self {
        Self { store: Arc::clone(&self.store), hook: self.hook.clone() }
    }
}

impl<S: Default, H: Default> Default for Spy<S, H> {
    fn default() -> Self {
        Self { store: Arc::default(), hook: H::default() }
    }
}

/// Passes the call to the hook, and returns an error if the kind of the answer does not match the call.
macro_rules! ask {
    ($self:ident, $call:expr, $kind:ident) => {
        match $self.hook.answer(&$self.store, $call).await? {
            Answer::$kind(answer) => Ok(answer),
            _ => Err(StoreError::new("spying on a store", "a hook answered a different call")),
        }
    };
}

impl<S: Send + Sync + 'static, H: Hook<S>> SessionStore for Spy<S, H> {
    async fn load(&self, key: &StoreKey) -> Result<Option<Stored>, StoreError> {
        ask!(self, Call::Load { key: *key }, Loaded)
    }

    async fn create(&self, key: &StoreKey, record: &Record) -> Result<Swap, StoreError> {
        ask!(self, Call::Create { key: *key, record: record.clone() }, Swapped)
    }

    async fn replace(&self, key: &StoreKey, expected: Version, record: &Record) -> Result<Swap, StoreError> {
        ask!(self, Call::Replace { key: *key, expected, record: record.clone() }, Swapped)
    }

    async fn touch(
        &self,
        key: &StoreKey,
        expected: Version,
        last_seen: SystemTime,
        expires_at: SystemTime,
    ) -> Result<bool, StoreError> {
        ask!(self, Call::Touch { key: *key, expected, last_seen, expires_at }, Applied)
    }

    async fn delete(&self, key: &StoreKey, expected: Version) -> Result<bool, StoreError> {
        ask!(self, Call::Delete { key: *key, expected }, Applied)
    }

    async fn owned_by(
        &self,
        purpose: &Purpose,
        owner: &Owner,
        after: Option<&StoreKey>,
        at_most: usize,
    ) -> Result<Vec<Summary>, StoreError> {
        let (purpose, owner, after) = (purpose.clone(), owner.clone(), after.copied());
        ask!(self, Call::OwnedBy { purpose, owner, after, at_most }, Listed)
    }

    async fn delete_owned_by(
        &self,
        purpose: &Purpose,
        owner: &Owner,
        spared: Option<&Lineage>,
    ) -> Result<u64, StoreError> {
        let (purpose, owner, spared) = (purpose.clone(), owner.clone(), spared.copied());
        ask!(self, Call::DeleteOwnedBy { purpose, owner, spared }, Deleted)
    }

    async fn sweep(&self, now: SystemTime, at_most: usize) -> Result<usize, StoreError> {
        ask!(self, Call::Sweep { now, at_most }, Swept)
    }
}
