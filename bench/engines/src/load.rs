use std::time::Duration;

use hardtack_bench_load::{Result, median, turn};
use tokio::runtime::Runtime;

use crate::candidate::Candidate;

const ROUNDS: u64 = 5;
const TURN: Duration = Duration::from_millis(1500);

/// Lets the candidates take turns, and prints a table of medians. The first is compared with the others, round by
/// round.
pub(crate) fn compare(runtime: &Runtime, sessions: u64, candidates: &[Candidate]) -> Result {
    for kind in ["writes", "reads"] {
        let mut turns = vec![Vec::new(); candidates.len()];
        for round in 0..ROUNDS {
            for (candidate, turns) in candidates.iter().zip(&mut turns) {
                let operation = if kind == "writes" { &candidate.write } else { &candidate.read };
                turns.push(turn(runtime, TURN, sessions, round, operation)?);
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
                median(theirs.iter().map(|turn| turn.slow)),
                median(theirs.iter().map(|turn| turn.client)),
                median(theirs.iter().map(|turn| turn.server)),
            );
        }
    }
    for (candidate, groups) in candidates.iter().filter_map(|one| Some((one.name, one.groups.as_ref()?))) {
        let (writes, loads) = groups();
        println!(
            "\n{candidate}: {writes:.1} writes in a group, {loads:.1} loads; each group is one round trip"
        );
    }
    Ok(())
}
