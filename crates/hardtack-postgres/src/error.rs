use std::fmt;

use hardtack_sql::Failure;
use tokio_postgres::error::{DbError, Severity, SqlState};

/// The server's error without its details, which may quote a record.
#[derive(Debug)]
struct ServerError {
    code: String,
    message: String,
}

/// Converts a driver's error to a failure, whose kind depends on whether the server applied the request.
pub(crate) fn failure(error: tokio_postgres::Error) -> Failure {
    let Some(answer) = error.as_db_error() else { return Failure::unknown(error) };
    let server_error =
        ServerError { code: answer.code().code().to_owned(), message: answer.message().to_owned() };
    if is_rolled_back(answer) {
        let is_conflict = answer.code().code().starts_with("40");
        if is_conflict { Failure::conflict(server_error) } else { Failure::refused(server_error) }
    } else {
        Failure::unknown(server_error)
    }
}

/// Checks whether the transaction was certainly rolled back and the connection can be reused.
///
/// An error with the severity `FATAL` can follow a commit: for example, the server may report that it terminates the
/// connection while the commit waits for a replica. A server that refuses writes as read-only is now a replica; after
/// the failure, the client reconnects and finds the new primary.
fn is_rolled_back(answer: &DbError) -> bool {
    let open = [
        SqlState::T_R_STATEMENT_COMPLETION_UNKNOWN,
        SqlState::QUERY_CANCELED,
        SqlState::READ_ONLY_SQL_TRANSACTION,
    ];
    answer.parsed_severity() == Some(Severity::Error) && !open.contains(answer.code())
}

/// Checks whether the error can occur because another program is creating the same table or type at the same time.
pub(crate) fn is_created_concurrently(error: &tokio_postgres::Error) -> bool {
    let codes = [
        SqlState::DUPLICATE_TABLE,
        SqlState::DUPLICATE_OBJECT,
        SqlState::UNIQUE_VIOLATION,
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::INTERNAL_ERROR,
    ];
    error.code().is_some_and(|code| codes.contains(code))
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgreSQL returned error {}: {}", self.code, self.message)
    }
}

impl std::error::Error for ServerError {}
