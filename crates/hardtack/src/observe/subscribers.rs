use std::cell::Cell;
use std::mem;
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
        let Some(_running) = Running::enter() else { return };
        for subscriber in &self.0 {
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| subscriber(event))) {
                // Dropping what it panicked with could panic again, and this may run while unwinding.
                mem::forget(panic);
                tracing::error!(marker = event.marker(), "a function passed to `on_event` panicked");
            }
        }
    }
}

/// Marks subscribers as running on this thread, until it is dropped.
struct Running(());

impl Running {
    fn enter() -> Option<Self> {
        (!IS_RUNNING.replace(true)).then_some(Self(()))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        IS_RUNNING.set(false);
    }
}
