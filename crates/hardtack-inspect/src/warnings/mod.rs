//! Warnings about problems that exchanges revealed, and how often each one occurred.

mod session_rule;
mod warning;
mod warning_log;

pub(crate) use session_rule::{SessionFacts, SessionRule};
pub use warning::Warning;
pub(crate) use warning_log::WarningLog;
