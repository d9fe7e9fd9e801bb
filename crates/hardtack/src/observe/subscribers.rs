use std::cell::Cell;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::observe::SessionEvent;

/// The application's functions that are called with each event.
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

    /// Calls each subscriber. If a subscriber panics, the panic is logged, and the request continues.
    ///
    /// If a subscriber itself causes an event, for instance by writing to a session whose response has been sent, that
    /// event is counted and logged, but not delivered. Otherwise, each event could cause the next one without end.
    pub(super) fn deliver(&self, event: &SessionEvent<'_>) {
        let Some(_running) = Running::enter() else { return };
        for subscriber in &self.0 {
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| subscriber(event))) {
                // The payload of the panic is not dropped, because its own drop could panic again, and this code may
                // run during unwinding.
                mem::forget(panic);
                tracing::error!(marker = event.marker(), "a function passed to `on_event` panicked");
            }
        }
    }
}

/// A guard that marks a subscriber as running on this thread until the guard is dropped.
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
