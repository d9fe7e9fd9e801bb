use crate::slot::Headers;

/// How the session layer changes the response.
pub(crate) enum Ending {
    /// Adds these headers.
    Add(Headers),
    /// Replaces the response with a 503: a write was lost, or may have been lost, and the response must not look like a
    /// success.
    Unavailable,
    /// Replaces the response with a 500 with these headers: the developer made a mistake, which the log names.
    Mistake(Headers),
}

impl Ending {
    /// Returns the ending for a developer's mistake, without a cookie.
    pub(crate) fn mistake() -> Self {
        Self::Mistake(Headers::default())
    }
}
