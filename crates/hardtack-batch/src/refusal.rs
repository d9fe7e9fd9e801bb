/// Why a request was refused. It was not executed, and never will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Too many requests are waiting.
    Full,
    /// The queue is closed, because its store is gone or its workers have ended.
    Closed,
}

/// A refused request, and the reason.
///
/// The request is returned, because dropping it may wake its caller, which must not happen under the lock around the
/// backlog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused<T> {
    /// The request.
    pub request: T,
    /// The reason.
    pub refusal: Refusal,
}

/// Converts to the reason, and drops the request.
impl<T> From<Refused<T>> for Refusal {
    fn from(refused: Refused<T>) -> Self {
        refused.refusal
    }
}
