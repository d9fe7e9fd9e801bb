//! The engines start, answer, survive being killed, and leave nothing behind.

use std::net::TcpStream;

use hardtack_engines::{EngineError, MariaDb, Postgres};

fn is_listening(url: &str) -> bool {
    let (_, place) = url.split_once('@').expect("a URL with a user");
    let (address, _) = place.split_once('/').expect("a URL with a database");
    TcpStream::connect(address).is_ok()
}

#[test]
#[ignore = "needs PostgreSQL"]
fn postgres_starts_and_stops() -> Result<(), EngineError> {
    let mut engine = Postgres::start()?;
    let url = engine.url();
    assert!(is_listening(&url));
    assert!(engine.version().starts_with("PostgreSQL "));
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

#[test]
#[ignore = "needs MariaDB"]
fn mariadb_starts_and_stops() -> Result<(), EngineError> {
    let mut engine = MariaDb::start()?;
    let url = engine.url();
    assert!(is_listening(&url));
    assert!(engine.version().starts_with("MariaDB "));
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
