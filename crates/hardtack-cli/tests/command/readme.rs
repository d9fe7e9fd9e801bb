//! Runs the examples in the crate's README in order.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use hardtack_cli::Exit;

use crate::databases;
use crate::fixture::{Fixture, RECORDING};
use crate::program::{finish, run, with_own_environment};
use crate::tour::Tour;

const README: &str = include_str!("../../README.md");

/// Runs each example in a shell, because some contain pipes, and some begin with `curl`.
#[test]
fn every_example_runs() {
    let shell = Command::new("bash").args(["-c", "curl --version"]).output();
    if !shell.is_ok_and(|output| output.status.success()) && env::var_os("CI").is_none() {
        println!("summary: skipped: examples of the README: bash or curl is not installed");
        return;
    }
    let fixture = Fixture::new();
    fixture.fill_store();
    prepare(&fixture);
    let tour = Tour::start(fixture.path(), &["--store", "memory"]);
    let mut ran = 0;
    for line in README.lines().filter_map(|line| line.strip_prefix("$ ")) {
        // `hardtack serve` runs until it is stopped, and has its own test.
        if line.starts_with("hardtack serve") {
            continue;
        }
        let mut command = Command::new("bash");
        with_own_environment(&mut command);
        command.args(["-c", &line.replace("http://127.0.0.1:5000", &tour.url)]);
        command.env("PATH", path()).env("HOME", fixture.path()).current_dir(fixture.path());
        let outcome = finish(&mut command, b"");
        // The cookie in this example was signed with a weak key, which is not among the given keys.
        let expected = if line.contains("--key file:old_key") { Exit::Negative } else { Exit::Done };
        assert_eq!(outcome.code, Some(i32::from(expected.code())), "{line}: {outcome:?}");
        ran += 1;
    }
    assert!(ran > 20, "{ran}");
    println!("summary: hardtack: {ran} examples in its README run");
}

/// Creates the files that the examples name.
fn prepare(fixture: &Fixture) {
    let cookies = fixture.fill("{cookies.txt}");
    for (to, name) in [
        ("cookie-editor", "{cookie-editor.json}"),
        ("playwright", "{logged_in.json}"),
        ("whole", "{laptop.json}"),
        ("netscape", "{phone.txt}"),
    ] {
        let outcome = run(["jar", "export", &cookies, "--to", to, "--output", &fixture.fill(name)]);
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
    }
    let file = |name: &str, text: &str| fs::write(fixture.path().join(name), text).expect("a file");
    file("recording.har", RECORDING);
    let profile = fixture.path().join(".mozilla/firefox/a1b2c3.default-release");
    fs::create_dir_all(&profile).expect("a folder");
    databases::firefox(&profile.join("cookies.sqlite"));
    file("local.txt", "127.0.0.1\tFALSE\t/\tFALSE\t0\ttheme\tdark\n");
    fs::copy(fixture.path().join("key"), fixture.path().join("secret_key")).expect("a file");
}

/// Returns a `PATH` that begins with the program's folder.
fn path() -> std::ffi::OsString {
    let program = Path::new(env!("CARGO_BIN_EXE_hardtack")).parent().expect("a folder").to_owned();
    let others = env::var_os("PATH").unwrap_or_default();
    env::join_paths([program].into_iter().chain(env::split_paths(&others))).expect("a path without colons")
}

#[test]
fn the_table_of_exit_statuses_matches_the_program() {
    for exit in Exit::ALL {
        let row = format!("| {} | {} |", exit.code(), exit.meaning());
        assert!(README.contains(&row), "{row}");
    }
}

#[test]
fn the_table_of_formats_is_complete() {
    let tree = hardtack_cli::Hardtack::tree();
    let show = tree.find_subcommand("jar").and_then(|jar| jar.find_subcommand("show")).expect("a command");
    let from = show.get_arguments().find(|argument| argument.get_id() == "from").expect("a flag");
    for format in from.get_possible_values() {
        assert!(README.contains(&format!("`{}`", format.get_name())), "{}", format.get_name());
    }
}
