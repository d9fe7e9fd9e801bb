use std::env;
use std::path::Path;
use std::process::{Command, Output};

use crate::case::Case;

/// The cost of one request, as counted by valgrind.
#[derive(Clone, Copy)]
pub struct Counts {
    pub instructions: u64,
    pub allocations: u64,
    pub bytes: u64,
}

/// The numbers of requests in two runs. The difference between the costs of the runs contains only the cost of
/// requests.
const SHORT: u32 = 1000;
const LONG: u32 = 2000;

pub fn count(case: &Case) -> Counts {
    let each = |count: &dyn Fn(u32) -> u64| {
        (count(LONG) - count(SHORT) + u64::from(LONG - SHORT) / 2) / u64::from(LONG - SHORT)
    };
    let instructions = each(&|times| {
        let output = start("callgrind", &["--callgrind-out-file=/dev/null"], case, times);
        number_behind(&output, "Collected :")
    });
    let heap = |times, at| {
        let output = start("memcheck", &["--leak-check=no", "--undef-value-errors=no"], case, times);
        numbers_behind(&output, "total heap usage:")[at]
    };
    Counts { instructions, allocations: each(&|times| heap(times, 0)), bytes: each(&|times| heap(times, 2)) }
}

/// Writes a profile that covers only the requests.
pub fn profile(case: &Case, file: &Path) {
    let file = format!("--callgrind-out-file={}", file.display());
    start("callgrind", &[&file, "--toggle-collect=*visit*answer*"], case, LONG);
}

fn start(tool: &str, options: &[&str], case: &Case, times: u32) -> String {
    let program = env::current_exe().expect("the running program has a path");
    let Output { status, stderr, .. } = Command::new("valgrind")
        .arg(format!("--tool={tool}"))
        .args(options)
        .arg(program)
        .args([case.name, &times.to_string()])
        .output()
        .expect("valgrind is installed");
    let stderr = String::from_utf8_lossy(&stderr).into_owned();
    assert!(status.success(), "{} failed:\n{stderr}", case.name);
    stderr
}

fn number_behind(output: &str, label: &str) -> u64 {
    numbers_behind(output, label)[0]
}

/// Returns the numbers after a label, up to the end of the line. valgrind groups their digits with commas.
fn numbers_behind(output: &str, label: &str) -> Vec<u64> {
    let (_, rest) =
        output.split_once(label).unwrap_or_else(|| panic!("valgrind did not print `{label}`:\n{output}"));
    let line = rest.lines().next().unwrap_or_default().replace(',', "");
    line.split_whitespace().filter_map(|word| word.parse().ok()).collect()
}
