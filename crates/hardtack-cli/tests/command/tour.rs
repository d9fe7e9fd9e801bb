//! Tests that `hardtack serve` starts the tour with each of its options.

use std::io::{BufRead, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout, Stdio};

use crate::program::hardtack;

/// A running tour, which stops when it is dropped.
pub(crate) struct Tour {
    child: Child,
    /// Standard output, which stays open so that the tour can print more lines than the test reads.
    lines: Lines<BufReader<ChildStdout>>,
    pub(crate) url: String,
    /// The lines that the tour printed before it was ready.
    pub(crate) printed: Vec<String>,
}

impl Tour {
    pub(crate) fn start(folder: &Path, more: &[&str]) -> Self {
        let mut command = hardtack();
        command.args(["serve", "--port", "0"]).args(more).current_dir(folder);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
        let lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let mut tour = Self { child, lines, url: String::new(), printed: Vec::new() };
        while tour.url.is_empty() {
            let line = tour
                .lines
                .next()
                .unwrap_or_else(|| panic!("it ended early: {:?}", tour.printed))
                .expect("text");
            if let Some(url) = line.split_whitespace().find(|word| word.starts_with("http://")) {
                // An IP address needs no name lookup.
                tour.url = url.replace("localhost", "127.0.0.1");
            }
            tour.printed.push(line);
        }
        tour
    }
}

impl Drop for Tour {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_tour_starts_with_each_of_its_options() {
    let folder = tempfile::tempdir().expect("a folder");
    let tour = Tour::start(folder.path(), &[]);
    assert!(
        tour.printed.last().is_some_and(|line| line.contains("The tour begins at")),
        "{:?}",
        tour.printed
    );
    assert!(folder.path().join(".data/tour.db").exists(), "stored by default");
    drop(tour);
    for options in [
        &["--kind", "signed", "--store", "memory"][..],
        &["--kind", "encrypted", "--store", "sqlite:other.db", "--insecure-http"],
    ] {
        let tour = Tour::start(folder.path(), options);
        assert!(tour.url.starts_with("http://127.0.0.1:"), "{:?}", tour.printed);
    }
    assert!(folder.path().join("other.db").exists());
}
