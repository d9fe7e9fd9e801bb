//! The sessions that the inspector has observed: the effect of each request on them, and their histories.

mod anatomy;
mod node;
mod redacted_change;
mod remaining_lifetime;
mod session_history;
mod session_report;
mod store_call;
mod summarize;

pub use anatomy::{Anatomy, CookieLayer, CookiePart};
pub use node::Node;
pub use redacted_change::RedactedChange;
pub use remaining_lifetime::RemainingLifetime;
pub(crate) use session_history::{HistoryEntry, SessionHistory};
pub use session_report::SessionReport;
pub use store_call::StoreCall;
