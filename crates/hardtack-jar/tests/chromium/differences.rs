//! Where Chromium differs, and how.

use crate::case::Case;

/// A way in which Chromium differs: it does with some cases what the jar does with others.
pub(crate) struct Difference {
    pub(crate) id: &'static str,
    pub(crate) sentence: &'static str,
    /// The case as which Chromium takes another one; `None` if it is not about this.
    pub(crate) as_if: fn(&Case) -> Option<Case>,
}

pub(crate) const DIFFERENCES: &[Difference] = &[];
