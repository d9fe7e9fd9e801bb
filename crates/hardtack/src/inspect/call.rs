use std::time::Duration;

/// One question to a store, and how long it took to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Call {
    /// The method of [`SessionStore`](crate::SessionStore).
    pub method: &'static str,
    /// What it said.
    pub answer: Answer,
    /// How long it took.
    pub took: Duration,
}

/// What a store said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answer {
    /// It did as asked, or found what was asked for.
    Done,
    /// There is nothing there.
    Nothing,
    /// Another request was first.
    Refused,
    /// It is broken.
    Failed,
}
