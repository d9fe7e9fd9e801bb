//! `cargo run --release --manifest-path bench/engines/Cargo.toml -- postgres|mariadb [sessions]`: what the stores on database servers do in a
//! second, beside pools of sqlx, tower-sessions' store, and the bare driver.
//!
//! All use one private server with durable settings and tables of as many rows with the same data, and take turns, so
//! that a noisy neighbour disturbs all of them.

mod load;
mod mariadb;
mod postgres;
mod rows;

use std::time::Duration;

type Result<T = (), E = Box<dyn std::error::Error + Send + Sync>> = std::result::Result<T, E>;

/// How many tasks ask at once, each about sessions of its own.
const TASKS: u64 = 64;
const ROUNDS: usize = 5;
const TURN: Duration = Duration::from_millis(2000);

fn main() -> Result {
    let mut arguments = std::env::args().skip(1);
    let engine = arguments.next().unwrap_or_else(|| "postgres".to_owned());
    let sessions = arguments.next().map_or(Ok(1_000_000), |number| number.parse())?;
    let runtime = tokio::runtime::Runtime::new()?;
    match engine.as_str() {
        "postgres" => postgres::run(&runtime, sessions),
        "mariadb" => mariadb::run(&runtime, sessions),
        other => Err(format!("there is no engine {other}: postgres or mariadb").into()),
    }
}
