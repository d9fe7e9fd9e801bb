//! The queue from which hardtack's stores take their requests in batches.
//!
//! This crate is an internal part of the stores. Use the stores' crates instead. A [`Backlog`] implements the rules:
//! how many requests may wait, and which of them a worker takes. With the feature `tokio`, `batch_queue` adds the
//! waiting: callers send requests and await the answers, and workers await batches. The SQLite store uses threads
//! instead of tasks, and has a queue of its own around a [`Backlog`].
//!
//! - **A request is sent immediately if a worker is idle.** While the workers are busy, requests wait, and the next
//!   batch takes them together.
//! - **Each worker takes its share** of all requests, so that no worker takes all of them while another is idle.
//! - **A caller that stops waiting cancels nothing.** Its request stays in the queue and is executed; only the answer
//!   is dropped.
//! - **Every request is answered.** If a worker ends, the requests that it took are answered with an error. If the last
//!   worker of a queue ends, all waiting requests are answered with an error as well.
#![forbid(unsafe_code)]

mod backlog;
#[cfg(feature = "tokio")]
mod queue;

pub use backlog::{Backlog, BatchLimits, Overflow, Refusal, Weigh};
#[cfg(feature = "tokio")]
pub use queue::{BatchReceiver, BatchSender, Pending, QueueSettings, Reply, WhenFull, batch_queue};
