use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

/// An error of a store: either a failure of its backend, such as a lost connection, a full disk, or a corrupt page, or
/// a single record that [cannot be decoded](StoreError::is_unreadable).
///
/// If a record does not exist, a store returns `None`, not an error. After a failed write, the outcome is unknown: the
/// write was applied at most once, and neither the store nor its caller retries it.
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
/// The error is logged together with its source. Neither may contain an id, a key, or session contents.
#[derive(Clone)]
pub struct StoreError {
    /// The operation that failed, or `None` if a single record is unreadable.
    doing: Option<&'static str>,
    /// Shared, because one failed write can belong to several requests.
    source: Arc<dyn StdError + Send + Sync>,
}

impl StoreError {
    /// Creates an error. `doing` names the operation that failed, such as `"loading a session"`.
    pub fn new(doing: &'static str, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { doing: Some(doing), source: Arc::from(source.into()) }
    }

    /// Creates the error that [`load`](crate::store::SessionStore::load) returns for a record that exists but cannot be
    /// decoded, because it is damaged or another program wrote it.
    ///
    /// The caller that opens the session reports the error and treats the session as unknown. The record is not
    /// changed.
    ///
    /// ```
    /// use hardtack_core::store::StoreError;
    ///
    /// let error = StoreError::unreadable("it was cut short");
    /// assert!(error.is_unreadable());
    /// assert_eq!(error.to_string(), "a stored session cannot be read");
    /// ```
    pub fn unreadable(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { doing: None, source: Arc::from(source.into()) }
    }

    /// Returns whether the store itself works, and only the requested record cannot be decoded.
    pub fn is_unreadable(&self) -> bool {
        self.doing.is_none()
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.doing {
            Some(doing) => write!(f, "the session store failed while {doing}"),
            None => f.write_str("a stored session cannot be read"),
        }
    }
}

/// Shows the source as it is logged, because the source's own `Debug` form may contain more.
impl fmt::Debug for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreError")
            .field("doing", &self.doing)
            .field("source", &format_args!("{}", self.source))
            .finish()
    }
}

impl StdError for StoreError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(self.source.as_ref())
    }
}
