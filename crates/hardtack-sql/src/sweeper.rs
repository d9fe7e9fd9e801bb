use std::sync::Weak;
use std::time::Duration;

use hardtack_core::store::StoreError;
use tokio::time::{Instant, sleep};

use crate::engine::{SWEEP_STEP, Write};
use crate::lanes::Lanes;

/// How far a clock may be ahead of the server's before a warning is logged, in milliseconds.
const MAX_CLOCK_LEAD_MS: i64 = 60_000;

/// Sweeps once per interval for as long as the store exists. After each step it pauses for as long as the step took, so
/// it never uses more than half of one connection.
pub(crate) async fn sweep_for_ever(store: Weak<Lanes>, interval: Duration) {
    loop {
        sleep(interval.max(Duration::from_millis(1))).await;
        let Some(present) = store.upgrade().map(|store| store.present.take()) else { return };
        let Some(present) = present else { continue };
        let Some(lanes) = store.upgrade() else { return };
        let now = not_after_the_servers(&lanes, present).await;
        drop(lanes);
        let Some(now) = now else { continue };
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
                    warn_of(&error);
                    break;
                }
            }
            drop(store);
            sleep(took).await;
        }
    }
}

/// Returns the time to sweep by: that of the most recently written record, or the server's if that is earlier. A
/// program whose clock is ahead therefore does not cause the removal of records that are still valid by the server's
/// clock.
///
/// Returns `None` if the server's clock cannot be read.
async fn not_after_the_servers(store: &Lanes, present: i64) -> Option<i64> {
    let clock = match store.clock().await {
        Ok(clock) => clock,
        Err(error) => {
            warn_of(&error);
            return None;
        }
    };
    if present > clock.saturating_add(MAX_CLOCK_LEAD_MS) {
        store.counting.clock_ahead();
        let seconds = (present - clock) / 1000;
        tracing::warn!(
            seconds,
            "this program's clock is ahead of the session database's; sweeping goes by the database's"
        );
    }
    Some(present.min(clock))
}

fn warn_of(error: &StoreError) {
    tracing::warn!(%error, "sweeping expired sessions failed, and is tried again at the next turn");
}
