hardtack_core::error_type! {
    /// An error in a URL, a file, or a page. (A refused cookie is a [`Refusal`](crate::Refusal) instead.)
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
    /// A file with cookies that could not be read; saving would lose them.
    Unread,
    /// A page that lacks what a test looks for, or a request without a response.
    Browser,
}
