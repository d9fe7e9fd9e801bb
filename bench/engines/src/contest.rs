use std::future::Future;

use hardtack_bench_load::{Result, Versions};

use crate::candidate::Candidate;

/// An engine, and the stores that are compared on it.
pub(crate) trait Contest {
    /// The server, its version and its settings.
    fn title(&self) -> String;

    fn url(&self) -> String;

    /// Makes what every candidate needs, and fills it with sessions of these versions, or notes the versions they have.
    fn fill(&self, sessions: u64, versions: &Versions) -> impl Future<Output = Result>;

    /// Connects the candidates to a URL; hardtack's store is the first.
    fn candidates(&self, url: &str, versions: &Versions) -> impl Future<Output = Result<Vec<Candidate>>>;
}
