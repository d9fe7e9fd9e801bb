use hardtack_bench_load::{Operation, Result, Versions};
use hardtack_engines::Proxy;
use tokio::runtime::Runtime;

use crate::contest::Contest;

/// The number of operations that run before the counted ones, so that connections are open and statements are prepared.
const BEFORE: u64 = 50;
const COUNTED: u64 = 200;

/// Prints the number of round trips per operation of each candidate. They are counted on the wire, while one operation
/// runs at a time.
pub(crate) fn count(runtime: &Runtime, contest: &impl Contest, versions: &Versions) -> Result {
    let url = contest.url();
    let (before, after) = url.rsplit_once(':').ok_or("the URL has a port")?;
    let (port, database) = after.split_once('/').ok_or("the URL has a database")?;
    let proxy = Proxy::start(port.parse()?)?;
    let through = format!("{before}:{}/{database}", proxy.port());
    println!("\n{:<34}{:>12}{:>12}{:>12}", "round trips", "write", "read", "touch");
    for candidate in runtime.block_on(contest.candidates(&through, versions))? {
        let trips = |operation: &Operation| -> Result<String> {
            let act = |numbers: std::ops::Range<u64>| -> Result<u64> {
                runtime.block_on(async {
                    for number in numbers {
                        operation(number).await?;
                    }
                    Ok(proxy.round_trips())
                })
            };
            let before = act(0..BEFORE)?;
            let trips = act(BEFORE..BEFORE + COUNTED)? - before;
            Ok(format!("{:.2}", trips as f64 / COUNTED as f64))
        };
        let touch = candidate.touch.as_ref().map_or(Ok(String::new()), trips)?;
        println!(
            "  {:<32}{:>12}{:>12}{:>12}",
            candidate.name,
            trips(&candidate.write)?,
            candidate.read.as_ref().map_or(Ok(String::new()), trips)?,
            touch
        );
    }
    Ok(())
}
