//! The stream of events that report what happens to sessions, and the consumers of these events.
//!
//! The code that changes a session reports each event once, with [`Slot::emit`](crate::slot::Slot::emit). [`Events`]
//! passes the event to its consumers: the counters, the log, the `metrics` facade, the inspector's trace of the
//! request, and the application's own subscribers.

mod counters;
mod event_kind;
mod events;
#[cfg(feature = "metrics")]
mod facade;
mod log;
mod session_event;
mod subscribers;
mod trace;

pub use counters::Metrics;
pub use event_kind::{EventKind, EventUser, StoreOperation};
pub(crate) use events::{Events, Stopwatch};
#[cfg(feature = "metrics")]
pub use facade::describe_metrics;
pub use session_event::SessionEvent;
pub(crate) use session_event::Subject;
pub(crate) use subscribers::Subscribers;
pub(crate) use trace::Trace;
