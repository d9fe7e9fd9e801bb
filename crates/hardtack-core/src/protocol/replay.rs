use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use crate::protocol::record::Redacted;

/// An update that can be run again: a function from the wire text of a key, if it has one, to an [`Updated`].
pub struct Replay(Mutex<Box<Run>>);

/// A function that need not be `Sync`, so that it can capture values that are not. The mutex in [`Replay`] provides
/// `Sync` for commits that are shared between tasks.
type Run = dyn Fn(Option<&str>) -> Updated + Send;

/// The result of an update.
///
/// The enum is exhaustive, because an update can do nothing else to a key.
#[derive(Clone, PartialEq, Eq)]
pub enum Updated {
    /// The key keeps its value.
    Kept,
    /// The key gets this wire text.
    Set(String),
    /// The key is removed.
    Removed,
    /// The update cannot compute a value from the current one. If this happens when the changes are replayed, the
    /// commit fails as a whole.
    Failed,
}

/// The result of replaying changes on a base.
#[derive(PartialEq)]
#[non_exhaustive]
pub struct Replayed {
    /// The resulting text of the complete session.
    pub text: String,
    /// The number of keys that were set or removed although another request had changed them in the meantime. The last
    /// writer wins.
    pub overwritten: usize,
}

/// The error if changes cannot be replayed on a newer session, because an update failed or panicked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayError {
    key: Box<str>,
    panicked: bool,
}

impl Replay {
    /// Wraps a function that computes an update from a key's wire text.
    pub fn new(run: impl Fn(Option<&str>) -> Updated + Send + 'static) -> Self {
        Self(Mutex::new(Box::new(run)))
    }

    /// Runs the updates of one key again, each on the result of the previous one.
    ///
    /// The updates are application code, and may run while a different request is being polled. A panic therefore
    /// becomes an error of the request that made the update.
    pub(super) fn run_all(
        key: &str,
        updates: &[Self],
        start: Option<&str>,
    ) -> Result<Option<String>, ReplayError> {
        let mut text: Option<String> = start.map(Into::into);
        for update in updates {
            let update = update.0.lock().unwrap_or_else(PoisonError::into_inner);
            let updated = catch_unwind(AssertUnwindSafe(|| update(text.as_deref())));
            match updated {
                Ok(Updated::Kept) => {}
                Ok(Updated::Set(set)) => text = Some(set),
                Ok(Updated::Removed) => text = None,
                Ok(Updated::Failed) => return Err(ReplayError { key: key.into(), panicked: false }),
                Err(_) => return Err(ReplayError { key: key.into(), panicked: true }),
            }
        }
        Ok(text)
    }
}

impl Updated {
    pub(super) fn into_text(self) -> Option<String> {
        match self {
            Self::Set(text) => Some(text),
            Self::Kept | Self::Removed | Self::Failed => None,
        }
    }
}

impl fmt::Debug for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Replay")
    }
}

/// Shows the length instead of the value.
impl fmt::Debug for Updated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kept => f.write_str("Kept"),
            Self::Set(text) => f.debug_tuple("Set").field(&Redacted(text.len())).finish(),
            Self::Removed => f.write_str("Removed"),
            Self::Failed => f.write_str("Failed"),
        }
    }
}

/// Shows the length instead of the text.
impl fmt::Debug for Replayed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replayed")
            .field("text", &Redacted(self.text.len()))
            .field("overwritten", &self.overwritten)
            .finish()
    }
}

impl fmt::Display for ReplayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = &self.key;
        if self.panicked {
            write!(
                f,
                "the update of `{key}` panicked when it ran again on the value that another request wrote"
            )
        } else {
            write!(f, "the update of `{key}` cannot run again on the value that another request wrote")
        }
    }
}

impl std::error::Error for ReplayError {}
