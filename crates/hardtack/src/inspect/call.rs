use std::time::Duration;

/// A call to a store, and how long it took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Call {
    /// The method of [`SessionStore`](crate::SessionStore).
    pub method: &'static str,
    /// The store's answer.
    pub answer: Answer,
    /// How long the call took.
    pub took: Duration,
}

/// A store's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answer {
    /// The store did what was asked, or found what was looked up.
    Done,
    /// The store found nothing.
    Nothing,
    /// Another request came first.
    Refused,
    /// The store failed.
    Failed,
}
