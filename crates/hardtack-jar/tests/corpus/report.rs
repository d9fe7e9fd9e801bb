//! Runs all cases in a folder, and counts the ones that pass.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value as Json;

use crate::run::{Failure, run};
use crate::subject::Subject;

/// The reading of the standard that the jar follows: RFC 6265bis with the additions of the Web Platform Tests of 2026.
const READING: &str = "rfc6265bis+wpt2026";

/// The results of the cases.
#[derive(Default)]
pub(crate) struct Report {
    /// The number of cases for this reading of the standard, by group.
    groups: BTreeMap<String, Group>,
    /// The number of disputed cases and of cases for other readings of the standard: first those that passed, then all
    /// of them.
    apart: (u32, u32),
    pub(crate) passed: Vec<String>,
    /// The cases for this reading of the standard that failed, each with the reason.
    pub(crate) failed: BTreeMap<String, String>,
}

#[derive(Default)]
struct Group {
    passed: u32,
    all: u32,
    /// The number of cases that failed because they require something that the subject lacks.
    lacking: u32,
}

impl Report {
    /// Runs the cases in all files in a folder.
    pub(crate) fn of<S: Subject>(folder: &Path) -> Self {
        let mut report = Self::default();
        let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let mut files: Vec<_> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
        files.sort();
        for file in files {
            let content = fs::read(&file).expect("a readable file");
            let set: Json = serde_json::from_slice(&content).expect("a set of cases");
            assert_eq!(set["format"], "cookie-cases/1", "{}", file.display());
            for case in set["cases"].as_array().expect("cases") {
                report.add(case, run::<S>(case));
            }
        }
        report
    }

    fn add(&mut self, case: &Json, outcome: Result<(), Failure>) {
        let of_reading = match &case["agrees"] {
            Json::Array(readings) => readings.iter().any(|reading| reading == READING),
            _ => true,
        };
        let id = case["id"].as_str().unwrap_or_default().to_owned();
        if !of_reading || !case["disputed"].is_null() {
            self.apart.0 += u32::from(outcome.is_ok());
            self.apart.1 += 1;
            if outcome.is_ok() {
                self.passed.push(id);
            }
            return;
        }
        let group = self.groups.entry(case["group"].as_str().unwrap_or_default().to_owned()).or_default();
        group.all += 1;
        match outcome {
            Ok(()) => {
                group.passed += 1;
                self.passed.push(id);
            }
            Err(Failure::Lacks(what)) => {
                group.lacking += 1;
                self.failed.insert(id, what);
            }
            Err(Failure::Wrong(how)) => {
                self.failed.insert(id, how);
            }
        }
    }

    /// Returns a line with the pass rate for each group.
    pub(crate) fn by_group(&self) -> impl Iterator<Item = String> {
        self.groups.iter().map(|(name, group)| {
            let lacking = if group.lacking == 0 {
                String::new()
            } else {
                format!(", {} not to be asked", group.lacking)
            };
            format!("{name}: {}{lacking}", rate(group.passed, group.all))
        })
    }

    /// Returns the total pass rates. If some cases require something that the subject lacks, also returns the rates
    /// without these cases.
    pub(crate) fn in_all(&self) -> String {
        let mut rates = self.rates(|group| group.all);
        if self.groups.values().any(|group| group.lacking > 0) {
            let possible = self.rates(|group| group.all - group.lacking);
            rates.push_str(&format!("; of those that need nothing it lacks {possible}"));
        }
        format!("{rates}; {} of {} that are disputed or of another reading", self.apart.0, self.apart.1)
    }

    fn rates(&self, count: impl Fn(&Group) -> u32) -> String {
        let groups: Vec<_> = self
            .groups
            .values()
            .map(|group| (group.passed, count(group)))
            .filter(|(_, all)| *all > 0)
            .collect();
        let (passed, all) = groups.iter().fold((0, 0), |sum, group| (sum.0 + group.0, sum.1 + group.1));
        let mean =
            groups.iter().map(|(passed, all)| percent(*passed, *all)).sum::<f64>() / groups.len() as f64;
        format!("{}, and {mean:.1} % as the mean of {} groups", rate(passed, all), groups.len())
    }
}

fn rate(passed: u32, all: u32) -> String {
    format!("{passed} of {all} cases, {:.1} %", percent(passed, all))
}

fn percent(part: u32, all: u32) -> f64 {
    f64::from(part) * 100.0 / f64::from(all)
}
