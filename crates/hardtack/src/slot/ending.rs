use crate::slot::Headers;

/// What to do with the response.
pub(crate) enum Ending {
    /// Add these headers.
    Add(Headers),
    /// Replace it with a failure: a write was lost, or may have been, and must not look like a success.
    Unavailable,
    /// Replace it with an error: the developer made a mistake, which the log names.
    Mistake(Headers),
}

impl Ending {
    /// Returns the ending for a developer's mistake, without a cookie.
    pub(crate) fn mistake() -> Self {
        Self::Mistake(Headers::default())
    }
}
