//! Measures the cost of one request in process: instructions, allocations, and nanoseconds, compared with other
//! projects and with the targets.
//!
//! `cargo run --release --manifest-path bench/Cargo.toml --bin requests` prints the table. The program needs
//! `valgrind`, under which it runs itself again. The counts are the same in each run and on each machine.
//!
//! With the name of a case as its argument, the program writes a profile of that case to `callgrind.out`, for
//! `callgrind_annotate`.

mod by_hand;
mod case;
mod jars;
mod ours;
mod report;
mod tower_sessions;
mod valgrind;
mod visit;

use std::env;
use std::process::ExitCode;

use case::CASES;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [] => report::print(CASES),
        [name] => report::profile(case::named(name)),
        [name, times] => {
            case::named(name).run(times.parse().expect("the second argument is a number of requests"))
        }
        _ => {
            eprintln!("usage: requests [CASE]");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
