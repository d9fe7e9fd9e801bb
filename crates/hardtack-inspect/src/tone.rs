use serde::Serialize;

/// How something is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Tone {
    /// As it should be.
    Good,
    /// Neither.
    Plain,
    /// Something was taken away, as asked.
    Gone,
    /// It deserves a look.
    Warn,
    /// Refused, or lost.
    Bad,
}
