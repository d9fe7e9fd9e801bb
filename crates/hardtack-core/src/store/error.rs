use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

/// The machine behind a store is broken: a lost connection, a full disk, a corrupt page. Or, if it
/// [is unreadable](StoreError::is_unreadable), one record in it cannot be decoded.
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
    /// What was being done; `None` where one record is unreadable.
    doing: Option<&'static str>,
    /// Shared, because one failed write may have been that of several requests.
    source: Arc<dyn StdError + Send + Sync>,
}

impl StoreError {
    /// Makes an error; `doing` says what was being done, as in `"loading a session"`.
    pub fn new(doing: &'static str, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { doing: Some(doing), source: Arc::from(source.into()) }
    }

    /// Makes the error of [`load`](crate::store::SessionStore::load) for a record that is there but cannot be decoded:
    /// it is damaged, or another program wrote it.
    ///
    /// The caller that opens the session reports it and treats the session as unknown. The record stays as it is.
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

    /// Whether the store works, and only the record that was asked for cannot be decoded.
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

impl StdError for StoreError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(self.source.as_ref())
    }
}
