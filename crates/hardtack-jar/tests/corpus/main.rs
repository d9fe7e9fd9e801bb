//! Runs the cookie test cases of other projects, from the folder that `HARDTACK_COOKIE_CORPUS` names.
//!
//! The test fails if a case in `passing.txt` does not pass. `HARDTACK_COOKIE_CORPUS_RECORD=1` rewrites that list, and
//! `--nocapture` shows the pass rate of each group.

mod ours;
mod report;
mod run;
mod subject;

use std::path::{Path, PathBuf};
use std::{env, fs};

use report::Report;

#[test]
fn no_case_is_lost() {
    let Some(folder) = env::var_os("HARDTACK_COOKIE_CORPUS").map(PathBuf::from) else {
        println!("summary: skipped: the cookie corpus: HARDTACK_COOKIE_CORPUS names no folder");
        return;
    };
    let report = Report::of::<ours::Ours>(&folder);
    for line in report.by_group() {
        println!("{line}");
    }
    println!("summary: cookie corpus: {}", report.in_all());
    for (id, how) in &report.failed {
        println!("summary: cookie corpus: {id} does not pass: {how}");
    }
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/passing.txt");
    if env::var_os("HARDTACK_COOKIE_CORPUS_RECORD").is_some() {
        let mut passed = report.passed.clone();
        passed.sort();
        fs::write(&list, passed.join("\n") + "\n").expect("a folder to write to");
    }
    let list = fs::read_to_string(&list).expect("the list of passing cases");
    let lost: Vec<_> = list.lines().filter(|id| report.failed.contains_key(*id)).collect();
    assert!(lost.is_empty(), "{} cases are lost:\n{}", lost.len(), lost.join("\n"));
}
