use std::future::Future;

use hardtack_bench_load::{Result, Versions};

use crate::candidate::Candidate;

/// An engine, and the stores to compare on it.
pub(crate) trait Contest {
    /// Returns the server's name, version, and settings.
    fn title(&self) -> String;

    fn url(&self) -> String;

    /// Creates the tables of every candidate, and fills them with sessions that have these versions, or records the
    /// versions that they get.
    fn fill(&self, sessions: u64, versions: &Versions) -> impl Future<Output = Result>;

    /// Connects the candidates to a URL; hardtack's store is the first.
    fn candidates(&self, url: &str, versions: &Versions) -> impl Future<Output = Result<Vec<Candidate>>>;
}
