//! What is recorded about sessions: counters with their log events, and the notes that the inspector reads.

mod metrics;
mod notes;

pub use metrics::Metrics;
pub(crate) use metrics::Tally;
pub(crate) use notes::Notes;
