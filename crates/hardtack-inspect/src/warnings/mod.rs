//! Problems that an exchange revealed, and how often each one occurred.

mod warning;
mod warning_log;

pub use warning::Warning;
pub(crate) use warning_log::WarningLog;
