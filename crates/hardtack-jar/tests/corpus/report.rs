//! All cases of a folder, and how many of them pass.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value as Json;

use crate::run::run;
use crate::subject::Subject;

/// The reading of the standard that counts: RFC 6265bis with what the Web Platform Tests of 2026 add.
const READING: &str = "rfc6265bis+wpt2026";

/// What became of the cases.
#[derive(Default)]
pub(crate) struct Report {
    /// By group, those that count: passed and in all.
    groups: BTreeMap<String, (u32, u32)>,
    /// Disputed, or of another reading of the standard.
    apart: (u32, u32),
    pub(crate) passed: Vec<String>,
    /// Those that count and failed, with the reason.
    pub(crate) failed: BTreeMap<String, String>,
}

impl Report {
    /// Runs every file of cases in a folder.
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

    fn add(&mut self, case: &Json, outcome: Result<(), String>) {
        let of_reading = match &case["agrees"] {
            Json::Array(readings) => readings.iter().any(|reading| reading == READING),
            _ => true,
        };
        let counts = of_reading && case["disputed"].is_null();
        let group = case["group"].as_str().unwrap_or_default();
        let id = case["id"].as_str().unwrap_or_default();
        let place = if counts { self.groups.entry(group.to_owned()).or_default() } else { &mut self.apart };
        place.1 += 1;
        match outcome {
            Ok(()) => {
                place.0 += 1;
                self.passed.push(id.to_owned());
            }
            Err(how) if counts => {
                self.failed.insert(id.to_owned(), how);
            }
            Err(_) => {}
        }
    }

    /// The rate of each group, a line each.
    pub(crate) fn by_group(&self) -> impl Iterator<Item = String> {
        self.groups.iter().map(|(group, (passed, all))| {
            format!("{group}: {passed} of {all}, {:.1} %", percent(*passed, *all))
        })
    }

    /// The rates in all.
    pub(crate) fn in_all(&self) -> String {
        let (passed, all) =
            self.groups.values().fold((0, 0), |(passed, all), group| (passed + group.0, all + group.1));
        let mean = self.groups.values().map(|(passed, all)| percent(*passed, *all)).sum::<f64>()
            / self.groups.len() as f64;
        format!(
            "{passed} of {all} cases, {:.1} %, and {mean:.1} % as the mean of {} groups; \
             {} of {} that are disputed or of another reading",
            percent(passed, all),
            self.groups.len(),
            self.apart.0,
            self.apart.1
        )
    }
}

fn percent(part: u32, all: u32) -> f64 {
    f64::from(part) * 100.0 / f64::from(all)
}
