use std::future::Future;

use hardtack_bench_load::{DATA, Result, TASKS, Versions};
use tokio::runtime::Runtime;

use crate::candidate::Candidate;
use crate::{load, trips};

/// An engine, and who is compared on it.
pub(crate) trait Contest {
    /// The server, its version and its settings.
    fn title(&self) -> String;

    fn url(&self) -> String;

    /// Makes every candidate's table, and fills it.
    fn fill(&self, sessions: u64) -> impl Future<Output = Result>;

    /// Connects the candidates to a URL; hardtack's store is the first.
    fn candidates(&self, url: &str, versions: &Versions) -> impl Future<Output = Result<Vec<Candidate>>>;
}

/// Fills the tables, and prints what each candidate does: first how often it asks the server, then how fast it is.
pub(crate) fn run(runtime: &Runtime, contest: impl Contest, sessions: u64) -> Result {
    println!("{}", contest.title());
    println!("{sessions} sessions of {DATA} bytes, {} tasks", TASKS);
    runtime.block_on(contest.fill(sessions))?;
    let versions = Versions::of(sessions);
    trips::count(runtime, &contest, &versions)?;
    let candidates = runtime.block_on(contest.candidates(&contest.url(), &versions))?;
    load::compare(runtime, sessions, &candidates)
}
