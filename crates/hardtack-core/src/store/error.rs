use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

/// The machine behind a store is broken: a lost connection, a full disk, a corrupt page.
///
/// It never means "not found", which is `None`. After a failed write the outcome is unknown: it was applied at most
/// once, and neither the store nor its caller sends it again.
///
/// ```
/// use std::io;
/// use hardtack_core::store::StoreError;
///
/// let error = StoreError::new("loading a session", io::Error::from(io::ErrorKind::ConnectionReset));
/// assert_eq!(error.to_string(), "the session store failed while loading a session");
/// ```
///
/// # Security
///
/// It is logged, with its source: let neither hold an id, a key or what a session says.
#[derive(Debug, Clone)]
pub struct StoreError {
    doing: &'static str,
    /// Shared, because one failed write may have been that of several requests.
    source: Arc<dyn StdError + Send + Sync>,
}

impl StoreError {
    /// Makes an error; `doing` says what was being done, as in `"loading a session"`.
    pub fn new(doing: &'static str, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { doing, source: Arc::from(source.into()) }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the session store failed while {}", self.doing)
    }
}

impl StdError for StoreError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(self.source.as_ref())
    }
}
