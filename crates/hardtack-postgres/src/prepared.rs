use std::error::Error as StdError;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::BytesMut;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, Error, Row, Statement};

/// The number of times that a prepared statement is used before it is prepared again. Preparing again replaces a plan
/// that the server may have made when the table was small.
const MAX_USES: u32 = 256;

/// A parameter and its type.
pub(crate) type Parameter<'a> = (&'a (dyn ToSql + Sync), Type);

/// A parameter whose `Debug` output is redacted, because the driver logs the parameters of prepared statements at level
/// `debug`.
struct Redacted<'a>(&'a (dyn ToSql + Sync));

impl fmt::Debug for Redacted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl ToSql for Redacted<'_> {
    fn to_sql(&self, of_type: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        self.0.to_sql_checked(of_type, out)
    }

    /// Accepts every type, because `to_sql_checked` checks the type of the inner value.
    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// A statement that is prepared once per connection, because it is sent so often that parsing and planning it each time
/// would be a large part of the server's work.
///
/// Behind a pooler that assigns each transaction to a different server connection, the server may not have the prepared
/// statement, or may have another program's statement with the same name. In both cases, the statement fails before it
/// changes a row, and it is sent unnamed from then on. If the server does not have the name, the server reports the
/// error. If the name belongs to another program's statement, that statement causes the error itself: its last
/// parameter must be the purpose for which it was prepared, and any other value makes it divide by zero.
#[derive(Debug)]
pub(crate) struct RepeatedStatement {
    pub(crate) sql: String,
    pub(crate) purpose: String,
    may_be_named: AtomicBool,
}

/// The statement that is prepared on one connection, and the number of times that it was used.
#[derive(Debug, Default)]
pub(crate) struct PreparedStatement(Option<(Statement, u32)>);

impl RepeatedStatement {
    /// Creates a statement with this number of parameters, not counting the purpose. No other program may use the same
    /// purpose for a different statement. `text` returns the SQL, given the condition that checks the purpose.
    pub(crate) fn new(parameters: usize, purpose: String, text: impl FnOnce(&str) -> String) -> Self {
        let quoted = purpose.replace('\'', "''");
        let last = parameters + 1;
        let condition = format!("1 / CASE WHEN ${last} = '{quoted}' THEN 1 ELSE 0 END = 1");
        Self { sql: text(&condition), purpose, may_be_named: AtomicBool::new(true) }
    }

    /// Sends the statement and returns its rows.
    pub(crate) async fn query(
        &self,
        client: &Client,
        prepared: &mut PreparedStatement,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Row>, Error> {
        let purpose = [(&self.purpose as _, Type::TEXT)];
        let parameters = [parameters, &purpose].concat();
        if self.may_be_named.load(Ordering::Relaxed) {
            match self.query_named(client, prepared, &parameters).await {
                Err(error) if is_unknown_statement(&error) => {
                    let code = error.code().map(SqlState::code);
                    tracing::info!(
                        code,
                        "statements are no longer prepared: there may be a connection pooler in \
                        front of the server"
                    );
                    self.may_be_named.store(false, Ordering::Relaxed);
                    prepared.0 = None;
                }
                result => return result,
            }
        }
        client.query_typed(&self.sql, &parameters).await
    }

    async fn query_named(
        &self,
        client: &Client,
        prepared: &mut PreparedStatement,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Row>, Error> {
        let (statement, uses) = match prepared.0.take() {
            Some((statement, uses)) if uses < MAX_USES => (statement, uses),
            _ => {
                let types: Vec<Type> = parameters.iter().map(|(_, of_type)| of_type.clone()).collect();
                (client.prepare_typed(&self.sql, &types).await?, 0)
            }
        };
        let redacted: Vec<_> = parameters.iter().map(|(value, _)| Redacted(*value)).collect();
        let values: Vec<&(dyn ToSql + Sync)> = redacted.iter().map(|value| value as _).collect();
        let rows = client.query(&statement, &values).await;
        prepared.0 = Some((statement, uses + 1));
        rows
    }
}

/// Checks whether the error can occur because the server does not know the statement's name, or because the name
/// belongs to a different statement.
fn is_unknown_statement(error: &Error) -> bool {
    let codes = [
        SqlState::INVALID_SQL_STATEMENT_NAME,
        SqlState::DUPLICATE_PSTATEMENT,
        SqlState::PROTOCOL_VIOLATION,
        SqlState::INVALID_BINARY_REPRESENTATION,
        SqlState::DIVISION_BY_ZERO,
        SqlState::FEATURE_NOT_SUPPORTED,
    ];
    error.code().is_some_and(|code| codes.contains(code))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::Connection;
    use crate::schema::migrate;
    use crate::writer::Writer;
    use hardtack_core::protocol::StoreKey;
    use hardtack_core::store::Version;
    use hardtack_engines::Postgres;
    use hardtack_sql::{Table, Write};
    use tokio_postgres::NoTls;

    /// A table with one record whose version is 7, a connection, and a writer.
    struct Fixture {
        connection: Connection,
        writer: Writer,
        table: Table,
        touched: i64,
    }

    impl Fixture {
        async fn new(engine: &Postgres, table: &str) -> Self {
            let (client, connection) = tokio_postgres::connect(&engine.url(), NoTls).await.unwrap();
            tokio::spawn(connection);
            let table = Table::new(table, '"').unwrap();
            migrate(&client, &table).await.unwrap();
            let insert = format!(
                "INSERT INTO {table} SELECT decode(repeat('07', 32), 'hex'), 7, 'session', 'data', \
                 NULL, NULL, NULL, 0, 0, 0, 0, 0"
            );
            client.batch_execute(&insert).await.unwrap();
            let writer = Writer::new(&table);
            Self {
                connection: Connection { client, change: PreparedStatement::default() },
                writer,
                table,
                touched: 0,
            }
        }

        /// Touches the record and asserts that it was touched.
        async fn touch(&mut self) {
            self.touched += 1;
            let (key, expected) = (StoreKey::from_bytes([7; 32]), Version::new(7));
            let touch = Write::Touch { key, expected, last_seen: self.touched, expires_at: self.touched };
            let done = self.writer.write(&mut self.connection, &[touch]).await;
            assert_eq!(done[0].as_ref().map(|done| done.rows).ok(), Some(1), "{done:?}");
            assert_eq!(self.last_seen().await, self.touched);
        }

        async fn last_seen(&self) -> i64 {
            let rows = format!("SELECT last_seen FROM {}", self.table);
            self.connection.client.query_typed(&rows, &[]).await.unwrap()[0].get(0)
        }

        /// Returns the names of the statements prepared on the server.
        async fn names(&self) -> Vec<String> {
            let names = "SELECT name FROM pg_prepared_statements";
            let rows = self.connection.client.query_typed(names, &[]).await.unwrap();
            rows.iter().map(|row| row.get(0)).collect()
        }
    }

    #[tokio::test]
    #[ignore = "needs PostgreSQL, which ./test installs"]
    async fn a_statement_is_prepared_once_and_again_after_a_while() {
        let engine = Postgres::start_without_sync().unwrap();
        let mut fixture = Fixture::new(&engine, "session").await;
        fixture.touch().await;
        let first = fixture.names().await;
        assert_eq!(first.len(), 1);
        for _ in 1..MAX_USES {
            fixture.touch().await;
        }
        assert_eq!(fixture.names().await, first);
        fixture.touch().await;
        assert!(!fixture.names().await.contains(&first[0]));
    }

    #[tokio::test]
    #[ignore = "needs PostgreSQL, which ./test installs"]
    async fn a_statement_unknown_to_the_server_is_sent_unnamed() {
        let engine = Postgres::start_without_sync().unwrap();
        let mut fixture = Fixture::new(&engine, "session").await;
        fixture.touch().await;
        fixture.connection.client.batch_execute("DEALLOCATE ALL").await.unwrap();
        for _ in 0..3 {
            fixture.touch().await;
            assert!(fixture.names().await.is_empty());
        }
    }

    #[tokio::test]
    #[ignore = "needs PostgreSQL, which ./test installs"]
    async fn another_programs_statement_is_not_executed() {
        let engine = Postgres::start_without_sync().unwrap();
        for others in ["another_table", "a_statement"] {
            let mut fixture = Fixture::new(&engine, &format!("session_before_{others}")).await;
            let other = Fixture::new(&engine, others).await;
            fixture.touch().await;
            let name = fixture.names().await.remove(0);
            let sql = match others {
                "another_table" => format!(
                    "PREPARE {name} (bytea[], bytea[], bytea[], bytea[], int8[], text) AS {}",
                    other.writer.change.sql
                ),
                _ => format!("PREPARE {name} (bytea[]) AS DELETE FROM {others} WHERE key = ANY ($1)"),
            };
            fixture.connection.client.batch_execute(&format!("DEALLOCATE {name}; {sql}")).await.unwrap();
            for _ in 0..3 {
                fixture.touch().await;
            }
            assert_eq!(other.last_seen().await, 0);
        }
    }
}
