use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use crate::session::record::Redacted;

/// An update that can run again: from a key's wire text, if it has one, to what becomes of it.
pub struct Replay(Mutex<Box<Run>>);

/// Not asked to be `Sync`, so that it may hold what is not; the mutex makes up for it where a commit is shared.
type Run = dyn Fn(Option<&str>) -> Updated + Send;

/// What an update makes of a key.
#[derive(Clone, PartialEq, Eq)]
pub enum Updated {
    /// It stays as it is.
    Kept,
    /// It becomes this wire text.
    Set(String),
    /// It goes.
    Removed,
    /// It cannot be computed from what the key says now. A commit that needs it fails as a whole.
    Failed,
}

/// A base with changes run again on it.
#[derive(PartialEq)]
pub struct Replayed {
    /// The text of the whole that comes out.
    pub text: String,
    /// How many keys were set or removed here although someone else had changed them since: last writer wins.
    pub overwritten: usize,
}

/// Why changes could not be run again on a newer session: an update has failed there, or has panicked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayError {
    key: Box<str>,
    panicked: bool,
}

impl Replay {
    /// Wraps a function of a key's wire text.
    pub fn new(run: impl Fn(Option<&str>) -> Updated + Send + 'static) -> Self {
        Self(Mutex::new(Box::new(run)))
    }

    /// Runs updates of one key again, each on what the one before it left.
    ///
    /// The updates are the application's code, and run here for a request that may not even be the one that is being
    /// polled, so a panic ends in an error of the request whose update it was.
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

/// Shows a length instead of the value.
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

/// Shows a length instead of the text.
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
            write!(f, "the update of `{key}` panicked when it ran again on what another request wrote")
        } else {
            write!(f, "the update of `{key}` cannot run again on the value that another request wrote")
        }
    }
}

impl std::error::Error for ReplayError {}
