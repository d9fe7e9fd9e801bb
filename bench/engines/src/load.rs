use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;

use crate::rows::mixed;
use crate::{ROUNDS, Result, TASKS, TURN};

/// One operation on the session of a number.
pub(crate) type Operation = Arc<dyn Fn(u64) -> Pin<Box<dyn Future<Output = Result> + Send>> + Send + Sync>;

pub(crate) struct Candidate {
    pub(crate) name: &'static str,
    pub(crate) write: Operation,
    pub(crate) read: Operation,
}

/// What one candidate did, as medians.
#[derive(Clone, Copy)]
struct Measured {
    rate: f64,
    slowest: Duration,
}

pub(crate) fn operation<F, R>(act: F) -> Operation
where
    F: Fn(u64) -> R + Send + Sync + 'static,
    R: Future<Output = Result> + Send + 'static,
{
    Arc::new(move |number| Box::pin(act(number)))
}

/// Lets the candidates take turns, and prints a table. The first is compared with the others.
pub(crate) fn compare(runtime: &Runtime, sessions: u64, candidates: &[Candidate]) -> Result {
    for kind in ["writes", "reads"] {
        let mut turns = vec![Vec::new(); candidates.len()];
        for round in 0..ROUNDS {
            for (candidate, turns) in candidates.iter().zip(&mut turns) {
                let operation = if kind == "writes" { &candidate.write } else { &candidate.read };
                turns.push(measure(runtime, sessions, round, operation)?);
            }
        }
        println!("{kind:<28}{:>12}{:>14}{:>12}", "a second", "99th, ms", "hardtack is");
        let medians: Vec<Measured> = turns.into_iter().map(median).collect();
        for (candidate, measured) in candidates.iter().zip(&medians) {
            println!(
                "  {:<26}{:>12.0}{:>14.1}{:>11.2}x",
                candidate.name,
                measured.rate,
                measured.slowest.as_secs_f64() * 1000.0,
                medians[0].rate / measured.rate,
            );
        }
    }
    Ok(())
}

fn measure(runtime: &Runtime, sessions: u64, round: usize, operation: &Operation) -> Result<Measured> {
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
                Ok::<_, Box<dyn std::error::Error + Send + Sync>>(took)
            })
        })
        .collect();
    let mut took = Vec::new();
    for task in tasks {
        took.extend(runtime.block_on(task)??);
    }
    let rate = took.len() as f64 / begin.elapsed().as_secs_f64();
    took.sort();
    Ok(Measured { rate, slowest: took[took.len() * 99 / 100] })
}

fn median(mut turns: Vec<Measured>) -> Measured {
    turns.sort_by(|one, other| one.rate.total_cmp(&other.rate));
    turns[turns.len() / 2]
}
