use std::fmt;

use hardtack_sql::Failure;
use mysql_async::{DriverError, Error};

/// An error that the server returned.
#[derive(Debug)]
struct ServerError {
    code: u16,
    message: String,
}

/// The codes of conflicts: the server timed out waiting for a lock, found a deadlock, found that a record has changed
/// since it was read, or found that a record to create already exists, because another transaction has just created it.
const CONFLICTS: [u16; 4] = [1205, 1213, 1020, 1062];

/// The codes of an unavailable server: it is shutting down, interrupted the request, or is read-only. A read-only
/// server has become a replica; after the failure, the client reconnects and finds the new primary.
const UNAVAILABLE: [u16; 5] = [1053, 1290, 1317, 1792, 1836];

/// Converts an error from before a transaction's `COMMIT` to a failure.
pub(crate) fn failure(error: Error) -> Failure {
    match error {
        Error::Server(answer) => classify(&answer),
        // The driver detects this before it sends anything.
        Error::Driver(DriverError::PacketTooLarge) => Failure::refused(
            "the session is larger than the server's max_allowed_packet: store less, or raise \
                the server's limit",
        ),
        error => Failure::unknown(error),
    }
}

/// Converts an error of `COMMIT` itself to a failure.
pub(crate) fn commit_failure(error: Error) -> Failure {
    match error {
        Error::Server(answer) if !CONFLICTS.contains(&answer.code) => {
            Failure::unknown(ServerError::of(&answer))
        }
        error => failure(error),
    }
}

fn classify(answer: &mysql_async::ServerError) -> Failure {
    let error = ServerError::of(answer);
    match answer.code {
        code if CONFLICTS.contains(&code) => Failure::conflict(error),
        code if UNAVAILABLE.contains(&code) => Failure::unknown(error),
        _ => Failure::refused(error),
    }
}

impl ServerError {
    /// Creates the error without the server's message if that may quote the statement, as for a syntax error or a
    /// duplicate, because the statement may contain a record.
    fn of(answer: &mysql_async::ServerError) -> Self {
        let quotes = matches!(answer.code, 1062 | 1064 | 1292 | 1366 | 1406);
        let message = if quotes { "it cannot store this value" } else { &answer.message };
        Self { code: answer.code, message: message.to_owned() }
    }
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the server returned error {}: {}", self.code, self.message)
    }
}

impl std::error::Error for ServerError {}
