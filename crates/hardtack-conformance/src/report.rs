use std::fmt;
use std::time::{Duration, Instant};

use crate::failure::Failure;

/// A store's results in all cases.
#[derive(Debug)]
#[must_use = "a report may contain failures"]
pub struct Report {
    store: &'static str,
    results: Vec<CaseResult>,
}

/// A store's result in one case.
#[derive(Debug)]
#[non_exhaustive]
pub struct CaseResult {
    /// The case's name.
    pub case: &'static str,
    /// `Ok` if the case passed, or the reason why it did not.
    pub result: Result<(), Failure>,
    /// How long the case took.
    pub took: Duration,
}

impl Report {
    /// Runs the cases one after the other.
    pub(crate) async fn of(
        store: &'static str,
        cases: &[&'static str],
        check: impl AsyncFn(&'static str) -> Result<(), Failure>,
    ) -> Self {
        let mut results = Vec::with_capacity(cases.len());
        for case in cases {
            let begun = Instant::now();
            let result = check(case).await;
            results.push(CaseResult { case, result, took: begun.elapsed() });
        }
        Self { store, results }
    }

    /// Returns the store's name, as [`Fresh::name`](crate::Fresh::name) returns it.
    pub fn store(&self) -> &'static str {
        self.store
    }

    /// Returns the results of all cases, in order.
    pub fn results(&self) -> &[CaseResult] {
        &self.results
    }

    /// Returns the results of the cases that failed.
    pub fn failures(&self) -> impl Iterator<Item = &CaseResult> {
        self.results.iter().filter(|case| case.result.is_err())
    }

    /// Returns whether all cases passed.
    pub fn is_clean(&self) -> bool {
        self.failures().next().is_none()
    }
}

/// Writes one summary line, and one line for each failure.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (all, failed) = (self.results.len(), self.failures().count());
        let took: Duration = self.results.iter().map(|case| case.took).sum();
        write!(f, "{}: {} of {all} cases passed in {:.1} s", self.store, all - failed, took.as_secs_f64())?;
        for case in self.failures() {
            if let Err(failure) = &case.result {
                write!(f, "\n  {}: {failure}", case.case)?;
            }
        }
        Ok(())
    }
}
