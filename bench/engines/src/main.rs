//! `cargo run --release --manifest-path bench/engines/Cargo.toml -- postgres|mariadb|redis [sessions]`: measures the
//! throughput of the stores on database servers, compared with the bare drivers, sqlx pools, and the tower-sessions
//! stores.
//!
//! All candidates use one private server with durable settings, and tables with the same number of rows and the same
//! data. The candidates take turns, so that other load on the machine affects all of them.

mod batch;
mod candidate;
mod contest;
mod load;
mod mariadb;
mod postgres;
mod redis;
mod trips;

use hardtack_bench_load::{DATA, Result, TASKS, Versions};
use tokio::runtime::Runtime;

use crate::contest::Contest;
use crate::mariadb::OnMariaDb;
use crate::postgres::OnPostgres;
use crate::redis::OnRedis;

fn main() -> Result {
    let mut arguments = std::env::args().skip(1);
    let engine = arguments.next().unwrap_or_else(|| "postgres".to_owned());
    let sessions = arguments.next().map_or(Ok(1_000_000), |number| number.parse())?;
    let runtime = Runtime::new()?;
    match engine.as_str() {
        "postgres" => run(&runtime, OnPostgres::start(sessions)?, sessions),
        "mariadb" => run(&runtime, OnMariaDb::start()?, sessions),
        "redis" => run(&runtime, OnRedis::start()?, sessions),
        other => Err(format!("unknown engine {other}: use one of postgres, mariadb, redis").into()),
    }
}

/// Fills the tables, and prints the results of each candidate: first its round trips, and then its speed.
fn run(runtime: &Runtime, contest: impl Contest, sessions: u64) -> Result {
    println!("{}", contest.title());
    println!("{sessions} sessions of {DATA} bytes, {} tasks", TASKS);
    let versions = Versions::of(sessions);
    runtime.block_on(contest.fill(sessions, &versions))?;
    trips::count(runtime, &contest, &versions)?;
    let candidates = runtime.block_on(contest.candidates(&contest.url(), &versions))?;
    load::compare(runtime, sessions, &candidates)
}
