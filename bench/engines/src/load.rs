use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;

use crate::candidate::{Candidate, Operation};
use crate::rows::mixed;
use crate::{Result, processor};

/// How many tasks ask at once, each about sessions of its own.
pub(crate) const TASKS: u64 = 64;

const ROUNDS: usize = 5;
const TURN: Duration = Duration::from_millis(1500);

/// What one candidate did in one turn.
#[derive(Clone, Copy)]
struct Turn {
    /// Operations a second.
    rate: f64,
    /// What only one of a hundred operations exceeded.
    slow: f64,
    /// Microseconds of processor for each operation, here and in the server.
    client: f64,
    server: f64,
}

/// Lets the candidates take turns, and prints a table of medians. The first is compared with the others, round by
/// round.
pub(crate) fn compare(runtime: &Runtime, sessions: u64, candidates: &[Candidate]) -> Result {
    for kind in ["writes", "reads"] {
        let mut turns = vec![Vec::new(); candidates.len()];
        for round in 0..ROUNDS {
            for (candidate, turns) in candidates.iter().zip(&mut turns) {
                let operation = if kind == "writes" { &candidate.write } else { &candidate.read };
                turns.push(measure(runtime, sessions, round, operation)?);
            }
        }
        println!(
            "\n{kind:<34}{:>12}{:>14}{:>14}{:>14}{:>14}",
            "a second", "hardtack is", "99th, ms", "client, us", "server, us"
        );
        for (candidate, theirs) in candidates.iter().zip(&turns) {
            let ratios = turns[0].iter().zip(theirs).map(|(ours, theirs)| ours.rate / theirs.rate);
            println!(
                "  {:<32}{:>12.0}{:>13.2}x{:>14.1}{:>14.1}{:>14.1}",
                candidate.name,
                median(theirs.iter().map(|turn| turn.rate)),
                median(ratios),
                median(theirs.iter().map(|turn| turn.slow)) * 1000.0,
                median(theirs.iter().map(|turn| turn.client)),
                median(theirs.iter().map(|turn| turn.server)),
            );
        }
    }
    for (candidate, groups) in candidates.iter().filter_map(|one| Some((one.name, one.groups.as_ref()?))) {
        let (writes, loads) = groups();
        println!("\n{candidate}: {writes:.1} writes in a group, {loads:.1} loads; each group is one round trip");
    }
    Ok(())
}

fn measure(runtime: &Runtime, sessions: u64, round: usize, operation: &Operation) -> Result<Turn> {
    let used = processor::used();
    let begin = Instant::now();
    let tasks: Vec<_> = (0..TASKS)
        .map(|task| {
            let operation = Arc::clone(operation);
            runtime.spawn(async move {
                let mut took = Vec::new();
                while begin.elapsed() < TURN {
                    let salt = (round as u64) << 48 | task << 32 | took.len() as u64;
                    let number = mixed(salt) % (sessions / TASKS) * TASKS + task;
                    let asked = Instant::now();
                    operation(number).await?;
                    took.push(asked.elapsed());
                }
                Result::<Vec<Duration>>::Ok(took)
            })
        })
        .collect();
    let mut took = Vec::new();
    for task in tasks {
        took.extend(runtime.block_on(task)??);
    }
    let count = took.len() as f64;
    let rate = count / begin.elapsed().as_secs_f64();
    let now = processor::used();
    took.sort();
    Ok(Turn {
        rate,
        slow: took[took.len() * 99 / 100].as_secs_f64(),
        client: (now.here - used.here).as_secs_f64() * 1e6 / count,
        server: (now.in_servers - used.in_servers).as_secs_f64() * 1e6 / count,
    })
}

fn median(of: impl Iterator<Item = f64>) -> f64 {
    let mut of: Vec<f64> = of.collect();
    of.sort_by(f64::total_cmp);
    of[of.len() / 2]
}
