use std::path::Path;

use crate::case::{BARE, Case};
use crate::valgrind::{self, Counts};

/// Prints the cost of a request in each case. If a router serves the request, the cost of the same request to a bare
/// router is subtracted.
pub fn print(cases: &[Case]) {
    let bare = valgrind::count(BARE);
    let bare_time = BARE.nanoseconds();
    println!(
        "Over bare axum, which needs {} instructions, {} allocations of {} bytes and {bare_time:.0} ns itself:\n",
        bare.instructions, bare.allocations, bare.bytes
    );
    println!("| case | instructions | target | allocations | bytes | ns |");
    println!("|---|--:|--:|--:|--:|--:|");
    for case in &cases[1..] {
        let (whole, whole_time) = (valgrind::count(case), case.nanoseconds());
        let (own, time) =
            if case.in_axum { (over(whole, bare), whole_time - bare_time) } else { (whole, whole_time) };
        let target = match case.target {
            Some(target) => {
                format!("{} {}", group(target), if own.instructions <= target { "✓" } else { "✗" })
            }
            None => String::new(),
        };
        let Counts { instructions, allocations, bytes } = own;
        println!(
            "| {} | {} | {target} | {allocations} | {} | {time:.0} |",
            case.name,
            group(instructions),
            group(bytes)
        );
    }
}

/// Saves a profile of one case, and prints the command that shows it.
pub fn profile(case: &Case) {
    let file = Path::new("callgrind.out");
    valgrind::profile(case, file);
    println!("callgrind_annotate --inclusive=yes {}", file.display());
}

fn over(whole: Counts, bare: Counts) -> Counts {
    Counts {
        instructions: whole.instructions.saturating_sub(bare.instructions),
        allocations: whole.allocations.saturating_sub(bare.allocations),
        bytes: whole.bytes.saturating_sub(bare.bytes),
    }
}

/// Formats a number with its digits in groups of three.
fn group(number: u64) -> String {
    match number / 1000 {
        0 => number.to_string(),
        thousands => format!("{},{:03}", group(thousands), number % 1000),
    }
}
