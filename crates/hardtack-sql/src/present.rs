use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use crate::engine::Write;

/// The `last_seen` of the record written last: the layer's clock, at second hand.
#[derive(Debug, Default)]
pub(crate) struct Present {
    millis: AtomicI64,
    is_new: AtomicBool,
}

impl Present {
    pub(crate) fn note(&self, write: &Write) {
        if let Some(present) = write.present() {
            self.millis.store(present, Ordering::Relaxed);
            self.is_new.store(true, Ordering::Release);
        }
    }

    /// `None` without a write since the last turn: then nothing more can have expired.
    pub(crate) fn take(&self) -> Option<i64> {
        self.is_new.swap(false, Ordering::Acquire).then(|| self.millis.load(Ordering::Relaxed))
    }
}
