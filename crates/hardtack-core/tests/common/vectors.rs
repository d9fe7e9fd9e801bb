//! Runs the cases of all vector files of one kind, and reports how many cases there were.
//!
//! A file may contain cases that a runner does not support. Such cases are skipped, with their id and a reason, and the
//! cases after them still run.

#![allow(dead_code, reason = "each test that includes this module uses its own part of it")]

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde::Deserialize;
use serde_json::Value as Json;
use serde_json::value::RawValue;

/// The result of one case.
#[derive(Debug, PartialEq)]
pub(crate) enum Outcome {
    Passed,
    /// The case cannot be run, for the given reason.
    Skipped(String),
    /// The result differs from the expected one, as the text describes.
    Failed(String),
}

/// The results of all cases in some files.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) ran: usize,
    /// The skipped files, and the skipped cases by file and id, each with the reason.
    pub(crate) skipped: Vec<String>,
    pub(crate) failed: Vec<String>,
    summary: Vec<String>,
}

/// Runs all `wanted` cases in every file whose name has this ending, and then panics once with all failures. The files
/// are in the folder in `HARDTACK_VECTORS`, or else in the project's own. In the project's own folder, at least one
/// case must run, and at most `most_skipped` cases may be skipped.
pub(crate) fn run(
    ending: &str,
    most_skipped: usize,
    wanted: impl Fn(&Json) -> bool,
    check: impl FnMut(&Json) -> Outcome,
) {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors");
    let folder = env::var_os("HARDTACK_VECTORS").map(PathBuf::from);
    let is_own = folder.is_none();
    let report = Report::of(&folder.unwrap_or(own), ending, wanted, check);
    for line in &report.summary {
        println!("summary: {line}");
    }
    for line in &report.skipped {
        println!("summary: skipped {line}");
    }
    assert!(report.failed.is_empty(), "{} failed\n{}", report.failed.len(), report.failed.join("\n"));
    assert!(!is_own || report.ran > 0, "*{ending}: nothing ran");
    let skipped = report.skipped.len();
    assert!(!is_own || skipped <= most_skipped, "*{ending}: {skipped} skipped, more than {most_skipped}");
}

impl Report {
    /// Runs the cases of the files in a folder.
    pub(crate) fn of(
        folder: &Path,
        ending: &str,
        wanted: impl Fn(&Json) -> bool,
        mut check: impl FnMut(&Json) -> Outcome,
    ) -> Self {
        let mut report = Self::default();
        for path in files(folder, ending) {
            let set = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let cases = match cases(&path) {
                Ok(cases) => cases,
                Err(why) => {
                    report.skipped.push(format!("{set}: {why}"));
                    continue;
                }
            };
            report.run(&set, &cases, &wanted, &mut check);
        }
        report
    }

    fn run(
        &mut self,
        set: &str,
        cases: &[Box<RawValue>],
        wanted: impl Fn(&Json) -> bool,
        check: &mut impl FnMut(&Json) -> Outcome,
    ) {
        let (mut passed, mut skipped, mut failed) = (0, 0, 0);
        for (place, case) in cases.iter().enumerate() {
            let id = id_of(case).unwrap_or_else(|| format!("the case at {place}"));
            let case = match serde_json::from_str::<Json>(case.get()) {
                Ok(case) => case,
                Err(error) => {
                    skipped += 1;
                    self.skipped.push(format!("{set}: {id}: serde_json cannot read it: {error}"));
                    continue;
                }
            };
            if !wanted(&case) {
                continue;
            }
            match catch_unwind(AssertUnwindSafe(|| check(&case))) {
                Ok(Outcome::Passed) => passed += 1,
                Ok(Outcome::Skipped(why)) => {
                    skipped += 1;
                    self.skipped.push(format!("{set}: {id}: {why}"));
                }
                Ok(Outcome::Failed(how)) => {
                    failed += 1;
                    self.failed.push(format!("{set}: {id} ({}): {how}", case["name"]));
                }
                Err(panic) => {
                    let message = panic.downcast_ref::<String>().map(String::as_str);
                    let message = message.or(panic.downcast_ref::<&str>().copied()).unwrap_or_default();
                    failed += 1;
                    self.failed.push(format!("{set}: {id} ({}): panicked: {message}", case["name"]));
                }
            }
        }
        let ran = passed + failed;
        self.ran += ran;
        let test = std::thread::current().name().unwrap_or("main").to_owned();
        self.summary.push(format!("{set}: {ran} ran, {passed} passed, {skipped} skipped ({test})"));
    }
}

/// Returns the files whose names have this ending, sorted by name.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let paths = entries.map(|entry| entry.expect("a readable folder").path());
    let mut files: Vec<_> = paths.filter(|path| path.to_string_lossy().ends_with(ending)).collect();
    files.sort();
    files
}

/// Returns a file's cases, each as separate JSON text, so that a case that is nested too deeply does not affect the
/// others.
fn cases(path: &Path) -> Result<Vec<Box<RawValue>>, String> {
    #[derive(Deserialize)]
    struct Set {
        vectors: Vec<Box<RawValue>>,
    }
    let content = fs::read_to_string(path).map_err(|error| error.to_string())?;
    let set: Set = serde_json::from_str(&content).map_err(|error| format!("no set of vectors: {error}"))?;
    Ok(set.vectors)
}

fn id_of(case: &RawValue) -> Option<String> {
    let members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(case.get()).ok()?;
    serde_json::from_str(members.get("id")?.get()).ok()
}
