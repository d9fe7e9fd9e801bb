//! The engines start, answer, survive a kill, and leave nothing behind.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use hardtack_engines::{Database, DatabaseProgram, EngineError, MariaDb, Postgres};

fn is_listening(url: &str) -> bool {
    let (_, place) = url.split_once('@').expect("a URL with a user");
    let (address, _) = place.split_once('/').expect("a URL with a database");
    TcpStream::connect(address).is_ok()
}

#[test]
#[ignore = "needs PostgreSQL"]
fn postgres_starts_and_stops() -> Result<(), EngineError> {
    starts_and_stops(Postgres::start()?, "PostgreSQL ")
}

#[test]
#[ignore = "needs MariaDB"]
fn mariadb_starts_and_stops() -> Result<(), EngineError> {
    starts_and_stops(MariaDb::start()?, "MariaDB ")
}

fn starts_and_stops<M: DatabaseProgram>(mut engine: Database<M>, name: &str) -> Result<(), EngineError> {
    let url = engine.url();
    assert!(is_listening(&url));
    assert!(engine.version().starts_with(name));
    engine.stop()?;
    assert!(!is_listening(&url));
    engine.restart()?;
    engine.kill()?;
    engine.restart()?;
    assert!(is_listening(&url));
    drop(engine);
    assert!(!is_listening(&url));
    Ok(())
}

/// Started by the test below, in a separate process.
#[test]
#[ignore = "needs PostgreSQL and a process around it that is killed"]
fn a_program_with_an_engine() -> Result<(), EngineError> {
    if std::env::var_os(WITH_ENGINE).is_none() {
        return Ok(());
    }
    let engine = Postgres::start()?;
    println!("\nengine at {}", engine.url());
    loop {
        std::thread::park();
    }
}

const WITH_ENGINE: &str = "HARDTACK_WITH_ENGINE";

#[test]
#[ignore = "needs PostgreSQL"]
fn a_killed_program_leaves_no_engine_behind() -> std::io::Result<()> {
    let mut program = Command::new(std::env::current_exe()?)
        .args(["--exact", "a_program_with_an_engine", "--include-ignored", "--nocapture"])
        .env(WITH_ENGINE, "yes")
        .stdout(Stdio::piped())
        .spawn()?;
    let output = BufReader::new(program.stdout.take().expect("it is piped"));
    let url = output
        .lines()
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("engine at ").map(str::to_owned))
        .expect("it says where its engine is");
    assert!(is_listening(&url));
    program.kill()?;
    program.wait()?;
    while is_listening(&url) {
        std::thread::yield_now();
    }
    Ok(())
}
