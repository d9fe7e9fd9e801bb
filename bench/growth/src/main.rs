//! `cargo run --release --manifest-path bench/Cargo.toml -p hardtack-growth-bench [-- sizes…]`: measures the throughput
//! of the SQLite and PostgreSQL stores with ten thousand to ten million sessions.
//!
//! Each size has its own file or table, and all of them are filled before the measurement. The sizes take turns, so
//! that other load on the machine affects all of them. The files need about 9 GB in the folder for temporary files
//! (`TMPDIR`).

mod postgres;
mod sqlite;

use std::time::{Duration, Instant};

use hardtack_bench_load::{DATA, Ours, Result, TASKS, Measurement, Versions, in_turn, key, median, measure};
use tokio::runtime::Runtime;

const SIZES: [u64; 4] = [10_000, 100_000, 1_000_000, 10_000_000];
const ROUNDS: u64 = 5;
const TURN: Duration = Duration::from_millis(2000);
/// The warm-up of each size, in microseconds per session. It covers the work that a database does only once for each
/// page after filling or after a checkpoint.
const WARM_UP: u64 = 8;

fn main() -> Result {
    let mut sizes: Vec<u64> = std::env::args().skip(1).map(|size| size.parse()).collect::<Result<_, _>>()?;
    if sizes.is_empty() {
        sizes = SIZES.to_vec();
    }
    println!(
        "sessions of {DATA} bytes, {TASKS} tasks, medians of {ROUNDS} rounds taken in turn; beside each rate, how many \
         times that of the smallest is of it"
    );
    let runtime = Runtime::new()?;
    sqlite::run(&runtime, &sizes)?;
    postgres::run(&runtime, &sizes)
}

/// A filled store of one size.
struct Grown {
    size: u64,
    ours: Ours,
    filled_in: Duration,
}

impl Grown {
    /// Creates the operations on a filled store, and records how long it took to fill the store.
    fn new(size: u64, since: Instant, ours: impl FnOnce(&Versions) -> Ours) -> Self {
        Self { size, filled_in: since.elapsed(), ours: ours(&Versions::of(size)) }
    }
}

/// Lets the sizes take turns, and prints a table.
fn compare(runtime: &Runtime, title: &str, grown: &[Grown]) -> Result {
    let mut writes: Vec<Vec<Measurement>> = grown.iter().map(|_| Vec::new()).collect();
    let mut reads = writes.clone();
    for Grown { size, ours, .. } in grown {
        measure(runtime, Duration::from_micros(*size * WARM_UP), *size, ROUNDS, &ours.write)?;
    }
    for (round, at) in in_turn(ROUNDS, grown.len()) {
        let Grown { size, ours, .. } = &grown[at];
        writes[at].push(measure(runtime, TURN, *size, round, &ours.write)?);
        reads[at].push(measure(runtime, TURN, *size, round, &ours.read)?);
    }
    println!("\n{title}");
    println!(
        "{:>12}{:>14}{:>10}{:>14}{:>10}{:>14}",
        "sessions", "writes/s", "", "reads/s", "", "filled in, s"
    );
    for (at, Grown { size, filled_in, .. }) in grown.iter().enumerate() {
        let rate = |turns: &[Vec<Measurement>]| median(turns[at].iter().map(|measured| measured.rate));
        let ratio = |turns: &[Vec<Measurement>]| {
            median(turns[0].iter().zip(&turns[at]).map(|(first, this)| first.rate / this.rate))
        };
        println!(
            "{size:>12}{:>14.0}{:>9.2}x{:>14.0}{:>9.2}x{:>14.0}",
            rate(&writes),
            ratio(&writes),
            rate(&reads),
            ratio(&reads),
            filled_in.as_secs_f64(),
        );
    }
    Ok(())
}

/// Returns the numbers of `size` sessions in the order of their keys, because filling a tree in the order of its keys
/// is fast.
fn in_order(size: u64) -> Vec<u64> {
    let mut numbers: Vec<u64> = (0..size).collect();
    numbers.sort_by_cached_key(|&number| *key(number).as_bytes());
    numbers
}
