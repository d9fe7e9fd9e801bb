//! What is recorded about sessions: counters with their log events, and the notes that the inspector reads.

mod counts;
mod notes;

pub use counts::Counts;
pub(crate) use counts::Tally;
pub(crate) use notes::Notes;
