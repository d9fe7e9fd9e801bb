//! The cookie jar beside `cookie_store`: what it costs, and how far both conform.
//!
//! `cargo run --release --manifest-path bench/Cargo.toml --bin jar` measures; it needs `valgrind` for the instructions.
//! `… --bin jar corpus` runs the cases in the folder that `HARDTACK_COOKIE_CORPUS` names through both.

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

use std::path::PathBuf;
use std::process::ExitCode;
use std::{env, panic};

use report::Report;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [] => cost::print(),
        ["corpus"] => corpus(),
        // What is started under valgrind.
        ["retrieve", cookies] => cost::retrieve_from(cookies.parse().expect("a number of cookies")),
        _ => {
            eprintln!("usage: jar [corpus]");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn corpus() {
    let folder = env::var_os("HARDTACK_COOKIE_CORPUS").map(PathBuf::from);
    let folder = folder.expect("HARDTACK_COOKIE_CORPUS names the folder of the cases");
    // A library that panics at a case fails it.
    panic::set_hook(Box::new(|_| {}));
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
