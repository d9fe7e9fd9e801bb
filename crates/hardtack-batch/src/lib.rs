//! The queue from which hardtack's stores take their requests in batches.
//!
//! This is an internal part of the stores; use their crates instead. A [`Backlog`] has the rules: how many requests may
//! wait, and which of them a worker takes. With the feature `tokio`, there are queues around it. Callers send requests
//! and await the answers, and workers await batches. When too many requests wait, a `RefusingSender` refuses the next
//! one, and a `WaitingSender` waits. The SQLite store has threads instead of tasks, and waits in its own way.
//!
//! - **A lone request does not wait for others.** If a worker is idle, it takes the request. It lets others gather
//!   first only if it asks for that. While the workers are busy, requests wait, and the next batch takes them together.
//! - **Each worker takes its share** of all requests, so that no worker takes everything while another has nothing to
//!   do.
//! - **A caller that stops waiting for the answer cancels nothing.** Its request stays in the queue and is executed;
//!   only the answer is dropped. A caller that stops waiting for a place in the queue has not sent anything.
//! - **Every request is answered.** If a worker ends, the requests that it took are answered with an error, and if the
//!   last worker of a queue ends, so are those that wait.
#![forbid(unsafe_code)]

#[cfg(feature = "tokio")]
mod answer;
mod backlog;
mod batch_limits;
#[cfg(feature = "tokio")]
mod batch_receiver;
#[cfg(feature = "tokio")]
mod pending;
#[cfg(feature = "tokio")]
mod queue;
mod refusal;
#[cfg(feature = "tokio")]
mod refusing_sender;
#[cfg(feature = "tokio")]
mod waiting_sender;

#[cfg(feature = "tokio")]
pub use answer::{Answer, Lost, Reply};
pub use backlog::Backlog;
pub use batch_limits::{BatchLimits, Overflow, SizeLimit};
#[cfg(feature = "tokio")]
pub use batch_receiver::BatchReceiver;
#[cfg(feature = "tokio")]
pub use pending::Pending;
#[cfg(feature = "tokio")]
pub use queue::QueueSettings;
pub use refusal::{Refusal, Refused};
#[cfg(feature = "tokio")]
pub use refusing_sender::{RefusingSender, refusing_queue};
#[cfg(feature = "tokio")]
pub use waiting_sender::{Closed, WaitingSender, waiting_queue};
