use std::fmt;

use hardtack_sql::Failure;
use mysql_async::{DriverError, Error, ServerError};

/// What the server answered.
#[derive(Debug)]
struct Answer {
    code: u16,
    message: String,
}

/// The server gave up waiting for a lock, found a deadlock, or found that a record has changed since it was read.
const IN_THE_WAY: [u16; 3] = [1205, 1213, 1020];

/// The server goes down, cut the request short, or only reads: it has become a replica, and the new primary is found by
/// connecting again.
const GONE: [u16; 5] = [1053, 1290, 1317, 1792, 1836];

/// Sorts an error of a transaction that was not yet to be committed.
pub(crate) fn failure(error: Error) -> Failure {
    match error {
        Error::Server(answer) => told(&answer),
        // Found before anything was sent.
        Error::Driver(DriverError::PacketTooLarge) => {
            Failure::refused("the session is larger than the server's max_allowed_packet lets through")
        }
        error => Failure::unknown(error),
    }
}

/// Sorts an error of `COMMIT` itself.
pub(crate) fn commit_failure(error: Error) -> Failure {
    match error {
        Error::Server(answer) if !IN_THE_WAY.contains(&answer.code) => Failure::unknown(Answer::of(&answer)),
        error => failure(error),
    }
}

fn told(answer: &ServerError) -> Failure {
    let told = Answer::of(answer);
    match answer.code {
        code if IN_THE_WAY.contains(&code) => Failure::in_the_way(told),
        code if GONE.contains(&code) => Failure::unknown(told),
        _ => Failure::refused(told),
    }
}

impl Answer {
    /// A message that quotes what was sent (a syntax error, a duplicate) is left out: it may hold a record.
    fn of(answer: &ServerError) -> Self {
        let quotes = matches!(answer.code, 1062 | 1064 | 1292 | 1366 | 1406);
        let message = if quotes { "it cannot take this value" } else { &answer.message };
        Self { code: answer.code, message: message.to_owned() }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the server answered {}: {}", self.code, self.message)
    }
}

impl std::error::Error for Answer {}
