use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;

use crate::operation::{Operation, Result};
use crate::processor::used;
use crate::rows::mixed;

/// The number of concurrent tasks, each with its own sessions.
pub const TASKS: u64 = 64;

/// The result of one turn.
#[derive(Debug, Clone, Copy)]
pub struct Measurement {
    /// Operations per second.
    pub rate: f64,
    /// The 99th percentile of the operations' duration, in milliseconds.
    pub slow: f64,
    /// Microseconds of processor time per operation, in this process.
    pub client: f64,
    /// Microseconds of processor time per operation, in the descendants of this process.
    pub server: f64,
}

/// Lets all tasks repeat an operation for the given time, on pseudorandomly selected sessions. A different salt selects
/// the sessions in a different order.
pub fn measure(
    runtime: &Runtime,
    time: Duration,
    sessions: u64,
    salt: u64,
    operation: &Operation,
) -> Result<Measurement> {
    let before = used();
    let begin = Instant::now();
    let tasks: Vec<_> = (0..TASKS)
        .map(|task| {
            let operation = Arc::clone(operation);
            runtime.spawn(async move {
                let mut took: Vec<Duration> = Vec::new();
                while begin.elapsed() < time {
                    let at = salt << 48 | task << 32 | took.len() as u64;
                    let number = mixed(at) % (sessions / TASKS) * TASKS + task;
                    let asked = Instant::now();
                    operation(number).await?;
                    took.push(asked.elapsed());
                }
                Result::<_>::Ok(took)
            })
        })
        .collect();
    let mut took = Vec::new();
    for task in tasks {
        took.extend(runtime.block_on(task)??);
    }
    let count = took.len() as f64;
    let rate = count / begin.elapsed().as_secs_f64();
    let after = used();
    took.sort();
    Ok(Measurement {
        rate,
        slow: took[took.len() * 99 / 100].as_secs_f64() * 1e3,
        client: (after.here - before.here).as_secs_f64() * 1e6 / count,
        server: (after.in_servers - before.in_servers).as_secs_f64() * 1e6 / count,
    })
}

/// Returns pairs of a round and a contestant, in the order in which they are measured. Each round starts with a
/// different contestant, because a contestant that leaves much work for the disk must not always precede the same other
/// contestant.
pub fn in_turn(rounds: u64, many: usize) -> impl Iterator<Item = (u64, usize)> {
    (0..rounds).flat_map(move |round| (0..many).map(move |place| (round, (place + round as usize) % many)))
}

/// Returns the median of the values.
pub fn median(of: impl Iterator<Item = f64>) -> f64 {
    let mut of: Vec<f64> = of.collect();
    of.sort_by(f64::total_cmp);
    of[of.len() / 2]
}
