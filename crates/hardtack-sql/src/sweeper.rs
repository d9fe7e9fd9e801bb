use std::sync::Weak;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::engine::{Engine, Write};
use crate::gathering::Inner;

/// How many records one step of sweeping looks at.
pub(crate) const STEP: i64 = 256;

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
    fn take(&self) -> Option<i64> {
        self.is_new.swap(false, Ordering::Acquire).then(|| self.millis.load(Ordering::Relaxed))
    }
}

/// Sweeps once in an interval for as long as the store is there: in steps that wait as long as they took, so that it
/// never takes more than half of one connection.
pub(crate) async fn sweep_for_ever<E: Engine>(store: Weak<Inner<E>>, interval: Duration) {
    loop {
        sleep(interval.max(Duration::from_millis(1))).await;
        let Some(present) = store.upgrade().map(|store| store.present.take()) else { return };
        let Some(now) = present else { continue };
        loop {
            let Some(store) = store.upgrade() else { return };
            let begun = Instant::now();
            let step = store.write(Write::Sweep { now, at_most: STEP }).await;
            let took = begun.elapsed();
            match step {
                Ok(done) => {
                    store.counting.swept(done.rows);
                    if done.rows > 0 {
                        tracing::debug!(swept = done.rows, "expired sessions swept");
                    }
                    if !done.has_more {
                        break;
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "sweeping expired sessions failed, and is tried again at the next turn");
                    break;
                }
            }
            drop(store);
            sleep(took).await;
        }
    }
}
