use serde::Serialize;

/// The rating that a page shows for a cookie or a session, from good to bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Level {
    /// Everything is as it should be.
    Good,
    /// Neither good nor bad.
    Neutral,
    /// Something was removed, as requested.
    Removed,
    /// Something deserves attention.
    Warning,
    /// Something was refused or lost.
    Bad,
}
