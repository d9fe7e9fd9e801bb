use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use crate::write::Write;

/// The `last_seen` time of the most recently written record, which comes from the layer's clock.
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

    /// Returns the time, or `None` if there was no write since the last round: then nothing more can have expired.
    pub(crate) fn take(&self) -> Option<i64> {
        self.is_new.swap(false, Ordering::Acquire).then(|| self.millis.load(Ordering::Relaxed))
    }
}
