hardtack_core::error_type! {
    /// An error about a URL, a file, or a page. A refused cookie is reported as a [`Refusal`](crate::Refusal) instead.
    pub struct Error(ErrorKind);
    pub(crate) fn new;
}

/// The category of an [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A URL that is invalid, or whose scheme has no cookies.
    Url,
    /// A file that cannot be read or written.
    Io,
    /// Text that is not in the expected format.
    Format,
    /// A file in which some cookies cannot be read. Saving would lose these cookies.
    Unread,
    /// A page that does not contain what a test looks for, or a request that failed.
    Browser,
}
