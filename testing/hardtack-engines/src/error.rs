use std::fmt;

/// The reason why an engine could not be started, stopped, or queried.
#[derive(Debug)]
pub struct EngineError {
    doing: String,
    reason: String,
}

impl EngineError {
    pub(crate) fn new(doing: impl Into<String>, reason: impl fmt::Display) -> Self {
        Self { doing: doing.into(), reason: reason.to_string() }
    }
}

impl fmt::Display for EngineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.doing, self.reason)
    }
}

impl std::error::Error for EngineError {}
