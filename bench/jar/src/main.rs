//! Compares the cost and the conformance of the cookie jar with those of `cookie_store`.
//!
//! `cargo run --release --manifest-path bench/Cargo.toml --bin jar` measures the cost, and needs `valgrind` to count
//! instructions. `… --bin jar corpus` runs the cases in the folder named by `HARDTACK_COOKIE_CORPUS` through both jars,
//! and `… --bin jar reasons` prints the reason for each case that `cookie_store` does not pass.

mod cost;
#[path = "../../../crates/hardtack-jar/tests/corpus/ours.rs"]
mod ours;
#[path = "../../../crates/hardtack-jar/tests/corpus/report.rs"]
mod report;
#[path = "../../../crates/hardtack-jar/tests/corpus/run.rs"]
mod run;
#[path = "../../../crates/hardtack-jar/tests/corpus/subject.rs"]
mod subject;
mod theirs;

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

use report::Report;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [] => cost::print(),
        ["corpus"] => corpus(),
        ["reasons"] => reasons(),
        // The command that runs under valgrind.
        ["retrieve", cookies] => cost::retrieve_from(cookies.parse().expect("a number of cookies")),
        _ => {
            eprintln!("usage: jar [corpus | reasons]");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn folder() -> PathBuf {
    let folder = env::var_os("HARDTACK_COOKIE_CORPUS").map(PathBuf::from);
    folder.expect("HARDTACK_COOKIE_CORPUS names the folder of the cases")
}

/// Prints the reason for each case that `cookie_store` does not pass.
fn reasons() {
    for (id, reason) in &Report::of::<theirs::Theirs>(&folder()).failed {
        println!("{id}: {reason}");
    }
}

fn corpus() {
    let folder = folder();
    let (ours, theirs) = (Report::of::<ours::Ours>(&folder), Report::of::<theirs::Theirs>(&folder));
    println!("hardtack-jar: {}", ours.in_all());
    println!("cookie_store: {}\n", theirs.in_all());
    for (ours, theirs) in ours.by_group().zip(theirs.by_group()) {
        println!("{ours} · cookie_store {theirs}");
    }
    println!(
        "\n{} cases pass here and not there",
        ours.passed.iter().filter(|id| theirs.failed.contains_key(*id)).count()
    );
    println!(
        "{} cases pass there and not here",
        theirs.passed.iter().filter(|id| ours.failed.contains_key(*id)).count()
    );
}
