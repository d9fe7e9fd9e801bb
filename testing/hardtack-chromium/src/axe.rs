use std::path::PathBuf;
use std::{env, fmt, fs};

use serde::Deserialize;

use crate::error::Error;
use crate::tab::page::Page;

/// The accessibility checker axe-core, with its default rules.
#[derive(Clone)]
pub struct Axe {
    source: String,
}

/// An accessibility problem on a page.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Violation {
    /// The rule's name.
    pub id: String,
    /// A description of the rule.
    pub help: String,
    /// The elements that violate the rule, each with an explanation.
    pub nodes: Vec<String>,
}

#[derive(Deserialize)]
struct AxeResults {
    violations: Vec<Violation>,
    passes: usize,
}

/// The script that runs all default rules.
const RUN: &str = "axe.run(document).then(found => ({
    passes: found.passes.length,
    violations: found.violations.map(({ id, help, nodes }) =>
        ({ id, help, nodes: nodes.map(node => node.html + ' ' + node.failureSummary) })),
}))";

impl Axe {
    /// Loads axe-core from the file that `HARDTACK_AXE` names.
    ///
    /// # Errors
    ///
    /// Fails if the variable is not set, or the file cannot be read.
    pub fn from_env() -> Result<Self, Error> {
        let path = env::var_os("HARDTACK_AXE").map(PathBuf::from);
        let path = path.ok_or_else(|| {
            Error::page("HARDTACK_AXE is not set to the path of axe.min.js: run ./test, which installs it")
        })?;
        let source = fs::read_to_string(path).map_err(|error| Error::unreadable("axe.min.js", error))?;
        Ok(Self { source })
    }

    /// Returns the violations on a page in its current state.
    ///
    /// # Errors
    ///
    /// Fails if the checker fails, or finds nothing to check.
    pub async fn check(&self, page: &Page) -> Result<Vec<Violation>, Error> {
        if page.evaluate("typeof axe === 'undefined'").await? {
            page.evaluate::<()>(&format!("{}; null", self.source)).await?;
        }
        let results: AxeResults = page.evaluate(RUN).await?;
        if results.passes == 0 {
            return Err(Error::page("axe did not find anything to check"));
        }
        Ok(results.violations)
    }
}

impl fmt::Debug for Axe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Axe").finish_non_exhaustive()
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.id, self.help, self.nodes.join("; "))
    }
}
