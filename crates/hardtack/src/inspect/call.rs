use std::time::Duration;

/// A call to a store, with its answer and its duration.
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
    /// The store performed the operation, or found the record.
    Done,
    /// The store does not have the record.
    Nothing,
    /// The store refused the write, because another request had changed the record first.
    Refused,
    /// The store failed.
    Failed,
}
