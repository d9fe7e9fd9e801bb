use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use crate::write::Write;

/// The `last_seen` time of the most recently submitted write, which comes from the clock of the session layer.
#[derive(Debug, Default)]
pub(crate) struct LastWriteClock {
    millis: AtomicI64,
    is_new: AtomicBool,
}

impl LastWriteClock {
    pub(crate) fn note(&self, write: &Write) {
        if let Some(time) = write.request_time() {
            self.millis.store(time, Ordering::Relaxed);
            self.is_new.store(true, Ordering::Release);
        }
    }

    /// Returns the time of the latest write, or `None` if there was no write since the previous call. Without a write,
    /// this clock has not advanced, so no further records have expired by it.
    pub(crate) fn take(&self) -> Option<i64> {
        self.is_new.swap(false, Ordering::Acquire).then(|| self.millis.load(Ordering::Relaxed))
    }
}
