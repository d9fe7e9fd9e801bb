//! Runs the cases of every set of vectors of one kind, and says how many there were.

use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::Value as Json;

/// What became of one case.
pub(crate) enum Outcome {
    Passed,
    /// It cannot be run, for this reason.
    Skipped(String),
    /// It differs, in this.
    Failed(String),
}

/// Runs each wanted case of every file whose name ends so, in the folder that `HARDTACK_VECTORS` names or in the
/// project's own. Fails where a case fails, where more than `most_skipped` of a set cannot be run, and where none ran.
pub(crate) fn run(
    ending: &str,
    most_skipped: usize,
    wanted: impl Fn(&Json) -> bool,
    mut check: impl FnMut(&Json) -> Outcome,
) {
    for (set, cases) in sets(ending) {
        let (mut passed, mut skipped, mut failed) = (0, Vec::new(), Vec::new());
        for case in cases.iter().filter(|case| wanted(case)) {
            let id = case["id"].as_str().unwrap_or("?");
            match check(case) {
                Outcome::Passed => passed += 1,
                Outcome::Skipped(why) => skipped.push(format!("{id}: {why}")),
                Outcome::Failed(how) => failed.push(format!("{id} ({}): {how}", case["name"])),
            }
        }
        let ran = passed + failed.len();
        let test = std::thread::current().name().unwrap_or("main").to_owned();
        println!("summary: {set}: {ran} ran, {passed} passed, {} skipped ({test})", skipped.len());
        for line in &skipped {
            println!("summary: {set}: skipped {line}");
        }
        assert!(failed.is_empty(), "{set}: {} failed\n{}", failed.len(), failed.join("\n"));
        assert!(ran > 0, "{set}: nothing ran");
        assert!(skipped.len() <= most_skipped, "{set}: more than {most_skipped} skipped");
    }
}

/// Every file whose name ends so, by name, with its cases; at least one.
fn sets(ending: &str) -> Vec<(String, Vec<Json>)> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors");
    let folder = env::var_os("HARDTACK_VECTORS").map_or(own, PathBuf::from);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut sets: Vec<_> = entries
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.to_string_lossy().ends_with(ending))
        .map(|path| {
            let content = fs::read(&path).expect("a readable file");
            let mut set: Json = serde_json::from_slice(&content).expect("a set of vectors");
            let Json::Array(cases) = set["vectors"].take() else { panic!("{}: no vectors", path.display()) };
            (path.file_stem().unwrap_or_default().to_string_lossy().into_owned(), cases)
        })
        .collect();
    sets.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(!sets.is_empty(), "no file *{ending} in {}", folder.display());
    sets
}
