use serde::Serialize;

/// The severity of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Tone {
    /// Everything is as it should be.
    Good,
    /// Neither good nor bad.
    Plain,
    /// Something was removed, as requested.
    Gone,
    /// Something deserves attention.
    Warn,
    /// Something was refused or lost.
    Bad,
}
