//! The examples of the crate's README, in their order.

use std::fs;

use hardtack_cli::Exit;

use crate::fixture::Fixture;
use crate::program::{finish, hardtack};
use crate::tour::Tour;

const README: &str = include_str!("../../README.md");

#[test]
fn every_example_runs() {
    let fixture = Fixture::new();
    fixture.fill_store();
    fs::copy(fixture.path().join("key"), fixture.path().join("secret_key")).expect("a file");
    // The cookie of the example was signed with a short one.
    let tour = Tour::start(fixture.path(), &["--store", "memory"]);
    let mut ran = 0;
    for line in README.lines().filter_map(|line| line.strip_prefix("$ hardtack ")) {
        let words = line.split(' ').map(|word| word.replace("http://127.0.0.1:5000", &tour.url));
        let words: Vec<_> = words.collect();
        // A server does not end by itself, and is tried elsewhere.
        if words[0] == "serve" {
            continue;
        }
        let mut command = hardtack();
        command.args(&words).current_dir(fixture.path());
        let outcome = finish(&mut command, b"");
        let expected = if line.contains("--key file:old_key") { Exit::Judged } else { Exit::Done };
        assert_eq!(outcome.code, Some(i32::from(expected.code())), "{line}: {outcome:?}");
        ran += 1;
    }
    assert!(ran > 10, "{ran}");
    println!("summary: hardtack: {ran} examples of its README run");
}

#[test]
fn the_table_of_exit_statuses_is_the_programs() {
    for exit in Exit::ALL {
        let row = format!("| {} | {} |", exit.code(), exit.meaning());
        assert!(README.contains(&row), "{row}");
    }
}
