use std::future::Future;

use hardtack_bench_load::{Result, Versions};

use crate::candidate::Candidate;

/// An engine, and the stores to compare on it.
pub(crate) trait Contest {
    /// Returns the server's name, version, and settings.
    fn title(&self) -> String;

    fn url(&self) -> String;

    /// Creates the tables of every candidate, and fills them with sessions. The sessions have the given versions. If
    /// the server chooses other versions, records them in `versions`.
    fn fill(&self, sessions: u64, versions: &Versions) -> impl Future<Output = Result>;

    /// Connects the candidates to the server at a URL. The first candidate is hardtack's store.
    fn candidates(&self, url: &str, versions: &Versions) -> impl Future<Output = Result<Vec<Candidate>>>;
}
