use std::time::Duration;

use hardtack_bench_load::{Operation, Result, in_turn, measure, median};
use tokio::runtime::Runtime;

use crate::candidate::Candidate;

const ROUNDS: u64 = 11;
const TURN: Duration = Duration::from_millis(1500);
/// The duration of the first turn, which is not measured, because a server does some work only once for each page that
/// was just filled.
const FIRST_TURN: Duration = Duration::from_secs(6);

/// A function that returns a certain operation of a candidate, if the candidate has it.
type Of = fn(&Candidate) -> Option<&Operation>;

/// Lets the candidates take turns, and prints a table of medians. The first candidate is compared with each of the
/// others, round by round.
pub(crate) fn compare(runtime: &Runtime, sessions: u64, candidates: &[Candidate]) -> Result {
    let kinds: [(&str, Of); 2] =
        [("writes", |candidate| Some(&candidate.write)), ("reads", |candidate| candidate.read.as_ref())];
    for (kind, operation) in kinds {
        let able: Vec<_> =
            candidates.iter().filter_map(|candidate| Some((candidate.name, operation(candidate)?))).collect();
        let mut turns = vec![Vec::new(); able.len()];
        for (_, operation) in &able {
            measure(runtime, FIRST_TURN, sessions, ROUNDS, operation)?;
        }
        for (round, at) in in_turn(ROUNDS, able.len()) {
            turns[at].push(measure(runtime, TURN, sessions, round, able[at].1)?);
        }
        println!(
            "\n{kind:<34}{:>12}{:>14}{:>14}{:>14}{:>14}",
            "a second", "hardtack is", "99th, ms", "client, us", "server, us"
        );
        for ((name, _), theirs) in able.iter().zip(&turns) {
            let ratios = turns[0].iter().zip(theirs).map(|(ours, theirs)| ours.rate / theirs.rate);
            println!(
                "  {:<32}{:>12.0}{:>13.2}x{:>14.1}{:>14.1}{:>14.1}",
                name,
                median(theirs.iter().map(|measured| measured.rate)),
                median(ratios),
                median(theirs.iter().map(|measured| measured.slow)),
                median(theirs.iter().map(|measured| measured.client)),
                median(theirs.iter().map(|measured| measured.server)),
            );
        }
    }
    for (candidate, batches) in candidates.iter().filter_map(|one| Some((one.name, one.batches.as_ref()?))) {
        let (writes, loads) = batches();
        println!(
            "\n{candidate}: {writes:.1} writes in a group, {loads:.1} loads; each group is one round trip"
        );
    }
    Ok(())
}
