use std::sync::Weak;
use std::time::Duration;

use hardtack_core::store::StoreError;
use tokio::time::{Instant, sleep};

use crate::connection::Workers;
use crate::write::{SWEEP_STEP, Write};

/// The lead of this program's clock over the server's above which a warning is logged, in milliseconds.
const MAX_CLOCK_LEAD_MS: i64 = 60_000;

/// Sweeps once per interval for as long as the store exists, and skips intervals without writes. After each step, the
/// sweeper pauses for as long as the step took, so it never uses more than half of one connection's time.
pub(crate) async fn sweep_forever(store: Weak<Workers>, interval: Duration) {
    loop {
        sleep(interval.max(Duration::from_millis(1))).await;
        let Some(workers) = store.upgrade() else { return };
        let Some(last_write) = workers.last_write.take() else { continue };
        let now = earlier_clock(&workers, last_write).await;
        drop(workers);
        let Some(now) = now else { continue };
        loop {
            let Some(workers) = store.upgrade() else { return };
            let begun = Instant::now();
            let step = workers.write(Write::Sweep { now, at_most: SWEEP_STEP }).await;
            let took = begun.elapsed();
            match step {
                Ok(swept) => {
                    workers.metrics.swept(swept.rows);
                    if swept.rows > 0 {
                        tracing::debug!(swept = swept.rows, "expired sessions swept");
                    }
                    if !swept.has_more {
                        break;
                    }
                }
                Err(error) => {
                    log_failure(&error);
                    break;
                }
            }
            drop(workers);
            sleep(took).await;
        }
    }
}

/// Returns the time with which a sweep compares expiries: that of the most recent write, or the server's if that is
/// earlier. A program whose clock is ahead therefore does not remove records that are still valid by the server's
/// clock.
///
/// Returns `None` if the server's clock cannot be read.
async fn earlier_clock(workers: &Workers, last_write: i64) -> Option<i64> {
    let clock = match workers.clock().await {
        Ok(clock) => clock,
        Err(error) => {
            log_failure(&error);
            return None;
        }
    };
    if last_write > clock.saturating_add(MAX_CLOCK_LEAD_MS) {
        workers.metrics.clock_ahead();
        let seconds = (last_write - clock) / 1000;
        tracing::warn!(
            seconds,
            "this program's clock is ahead of the session database's clock; sweeping uses the database's clock"
        );
    }
    Some(last_write.min(clock))
}

fn log_failure(error: &StoreError) {
    tracing::warn!(%error, "sweeping expired sessions failed and will be retried at the next interval");
}
