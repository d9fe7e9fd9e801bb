//! `cargo run --release --manifest-path bench/Cargo.toml -p hardtack-http-bench [-- engines…]`: measures whole HTTP
//! requests, each of which reads, changes, and writes a logged-in session, compared with tower-sessions on the same
//! engine.
//!
//! Two servers in separate processes take turns. The tower-sessions server is built in `bench/engines`, because its
//! stores require a different version of SQLite than hardtack does.

mod client;
mod engine;
mod hot;
mod server;
mod server_process;

use std::sync::Arc;
use std::time::Duration;

use hardtack_bench_load::{Operation, Result, TASKS, Measurement, in_turn, median, operation, measure};
use hardtack_engines::Proxy;
use tokio::runtime::Runtime;

use crate::client::Visitors;
use crate::engine::Engine;
use crate::server_process::{Contender, ServerProcess};

const ROUNDS: u64 = 5;
const TURN: Duration = Duration::from_millis(1500);

/// The number of sessions that each task logs in.
const SESSIONS_EACH: u64 = 16;

/// The number of requests whose round trips are counted on the wire.
const COUNTED: u64 = 100;

fn main() -> Result {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = Runtime::new()?;
    if let [command, url] = &arguments[..]
        && command == "serve"
    {
        return runtime.block_on(server::serve(url));
    }
    if let [command, url, cookie, clients] = &arguments[..]
        && command == "write"
    {
        return runtime.block_on(hot::write(url, cookie, clients));
    }
    let mut names: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let is_hot = names.first() == Some(&"hot");
    if is_hot {
        names.remove(0);
    }
    if names.is_empty() {
        names = vec!["sqlite", "postgres", "mariadb", "redis"];
    }
    if is_hot {
        hot::print_head();
        return names.into_iter().try_for_each(|name| hot::measure(&runtime, &Engine::start(name)?));
    }
    println!(
        "requests that read, change and write a login's session of 230 bytes, over HTTP on this machine, from {TASKS} \
         browsers at once, {} sessions; medians of {ROUNDS} rounds taken in turn",
        TASKS * SESSIONS_EACH
    );
    println!(
        "{:<36}{:>12}{:>16}{:>14}{:>15}{:>14}{:>12}",
        "", "hardtack", "tower-sessions", "ratio", "99th, ms", "processor, us", "round trips"
    );
    for name in names {
        compare(&runtime, &Engine::start(name)?)?;
    }
    Ok(())
}

/// Prints the row of one engine.
fn compare(runtime: &Runtime, engine: &Engine) -> Result {
    let mut trips = Vec::new();
    let mut visits = Vec::new();
    let mut servers = Vec::new();
    for contender in [Contender::Hardtack, Contender::TowerSessions] {
        trips.push(round_trips(runtime, engine, contender)?);
        let server = ServerProcess::start(contender, &engine.url(contender))?;
        visits.push(visiting(runtime, server.port(), TASKS * SESSIONS_EACH)?);
        servers.push(server);
    }
    let mut turns: [Vec<Measurement>; 2] = Default::default();
    for (round, at) in in_turn(ROUNDS, visits.len()) {
        turns[at].push(measure(runtime, TURN, TASKS * SESSIONS_EACH, round, &visits[at])?);
    }
    let of = |at: usize, what: fn(&Measurement) -> f64| median(turns[at].iter().map(what));
    let ratios = turns[0].iter().zip(&turns[1]).map(|(ours, theirs)| ours.rate / theirs.rate);
    println!(
        "{:<36}{:>12.0}{:>16.0}{:>13.2}x{:>15}{:>14}{:>12}",
        engine.title(),
        of(0, |measured| measured.rate),
        of(1, |measured| measured.rate),
        median(ratios),
        format!("{:.1}, {:.1}", of(0, |measured| measured.slow), of(1, |measured| measured.slow)),
        format!("{:.0}, {:.0}", of(0, processor), of(1, processor)),
        format!("{}, {}", trips[0], trips[1]),
    );
    Ok(())
}

/// Returns the processor time that the browsers, the application, and the database together use per request, in
/// microseconds.
fn processor(measured: &Measurement) -> f64 {
    measured.client + measured.server
}

/// Returns the number of round trips to the database per request.
fn round_trips(runtime: &Runtime, engine: &Engine, contender: Contender) -> Result<String> {
    let Some(port) = engine.port() else { return Ok("none".to_owned()) };
    let proxy = Proxy::start(port)?;
    let url = engine.url(contender).replace(&format!(":{port}"), &format!(":{}", proxy.port()));
    let server = ServerProcess::start(contender, &url)?;
    let visit = visiting(runtime, server.port(), TASKS)?;
    let some = |count: u64| -> Result<u64> {
        for number in 0..count {
            runtime.block_on(visit(number % TASKS))?;
        }
        Ok(proxy.round_trips())
    };
    let before = some(TASKS)?;
    Ok(format!("{:.2}", (some(COUNTED)? - before) as f64 / COUNTED as f64))
}

/// Logs in the given number of sessions, and returns the operation to measure: a request with one of them.
fn visiting(runtime: &Runtime, port: u16, sessions: u64) -> Result<Operation> {
    let visitors = Arc::new(runtime.block_on(Visitors::log_in(port, sessions))?);
    Ok(operation(move |number| {
        let visitors = Arc::clone(&visitors);
        async move { visitors.visit(number).await }
    }))
}
