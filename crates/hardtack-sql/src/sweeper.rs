use std::sync::Weak;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::engine::{SWEEP_STEP, Write};
use crate::lanes::Lanes;

/// Sweeps once in an interval for as long as the store is there: in steps that wait as long as they took, so that it
/// never takes more than half of one connection.
pub(crate) async fn sweep_for_ever(store: Weak<Lanes>, interval: Duration) {
    loop {
        sleep(interval.max(Duration::from_millis(1))).await;
        let Some(present) = store.upgrade().map(|store| store.present.take()) else { return };
        let Some(now) = present else { continue };
        loop {
            let Some(store) = store.upgrade() else { return };
            let begun = Instant::now();
            let step = store.write(Write::Sweep { now, at_most: SWEEP_STEP }).await;
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
