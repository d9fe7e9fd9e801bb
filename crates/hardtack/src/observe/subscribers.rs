use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::observe::SessionEvent;

/// The functions of an application that are called with each event.
#[derive(Clone, Default)]
pub(crate) struct Subscribers(Vec<Arc<Subscriber>>);

type Subscriber = dyn Fn(&SessionEvent<'_>) + Send + Sync;

thread_local! {
    /// Whether a subscriber is running on this thread.
    static IS_RUNNING: Cell<bool> = const { Cell::new(false) };
}

impl Subscribers {
    pub(crate) fn add(&mut self, subscriber: impl Fn(&SessionEvent<'_>) + Send + Sync + 'static) {
        self.0.push(Arc::new(subscriber));
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Calls each subscriber. A panic in one is logged, and does not change what the request does.
    ///
    /// An event that a subscriber causes itself, for instance by writing to a session whose response has been sent, is
    /// not delivered, because it could cause the next one without end. It is still counted and logged.
    pub(super) fn deliver(&self, event: &SessionEvent<'_>) {
        if IS_RUNNING.replace(true) {
            return;
        }
        for subscriber in &self.0 {
            if catch_unwind(AssertUnwindSafe(|| subscriber(event))).is_err() {
                tracing::error!(kind = ?event.kind(), "a function passed to `on_event` panicked");
            }
        }
        IS_RUNNING.set(false);
    }
}
