use crate::slot::Headers;

/// What becomes of the response.
pub(crate) enum Ending {
    /// These headers are added.
    Add(Headers),
    /// A write was lost, or may have been: the response must not be a success.
    Unavailable,
    /// A developer's mistake, which the log names.
    Mistake(Headers),
}

impl Ending {
    /// A developer's mistake, with no cookie.
    pub(crate) fn mistake() -> Self {
        Self::Mistake(Headers::default())
    }
}
