use std::time::Duration;

use hardtack_core::protocol::{Lineage, StoreKey};
use hardtack_core::store::{Listed, Row, Summary};
use hardtack_sql::{BoxError, Engine, Failure, LoadedRow, OwnerKey, Table, Write, WriteOutcome};

use crate::address::Address;
use crate::connection::Connection;
use crate::error::failure;
use crate::reader::Reader;
use crate::schema;
use crate::writer::Writer;

/// The query for the server's time in milliseconds since 1970.
const CLOCK: &str = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::INT8";

/// The PostgreSQL engine: the statements, the server's address, and the TLS configuration.
#[derive(Debug)]
pub(crate) struct Postgres {
    address: Address,
    table: Table,
    reader: Reader,
    writer: Writer,
    #[cfg(feature = "tls")]
    tls: rustls::ClientConfig,
}

impl Postgres {
    /// Converts an error from connecting to a failure. The failure contains advice if the error concerns TLS and
    /// encryption is required only by default.
    fn connect_failure(&self, error: tokio_postgres::Error) -> Failure {
        // The driver does not expose the kind of an error, so its message is searched.
        match self.address.advice() {
            Some(advice) if error.to_string().contains("TLS") => {
                let why = std::error::Error::source(&error).map(|why| format!(": {why}")).unwrap_or_default();
                Failure::unknown(format!("{error}{why}; {advice}"))
            }
            _ => failure(error),
        }
    }
}

impl Engine for Postgres {
    type Connection = Connection;

    const NAME: &'static str = "PostgreSQL";
    const QUOTE: char = '"';

    fn new(url: &str, table: Table, timeout: Duration) -> Result<Self, BoxError> {
        let address = Address::new(url, timeout)?;
        #[cfg(not(feature = "tls"))]
        if address.asks_for_tls() {
            let why = "the connection must be encrypted: enable the feature `tls`";
            return Err(match address.advice() {
                Some(advice) => format!("{why}; {advice}").into(),
                None => why.into(),
            });
        }
        Ok(Self {
            reader: Reader::new(&table),
            writer: Writer::new(&table),
            #[cfg(feature = "tls")]
            tls: crate::tls::config(&address)?,
            table,
            address,
        })
    }

    async fn connect(&self) -> Result<Connection, Failure> {
        #[cfg(feature = "tls")]
        let tls = tokio_postgres_rustls::MakeRustlsConnect::new(self.tls.clone());
        #[cfg(not(feature = "tls"))]
        let tls = tokio_postgres::NoTls;
        Connection::open(&self.address.config, tls).await.map_err(|error| self.connect_failure(error))
    }

    async fn migrate(&self, connection: &mut Connection) -> Result<(), Failure> {
        schema::migrate(&connection.client, &self.table).await
    }

    async fn is_alive(connection: &mut Connection) -> bool {
        connection.is_alive()
    }

    async fn clock(&self, connection: &mut Connection) -> Result<i64, Failure> {
        let rows = connection.client.query_typed(CLOCK, &[]).await.map_err(failure)?;
        let row = rows.first().ok_or_else(|| Failure::unknown("the server did not return its time"))?;
        row.try_get(0).map_err(failure)
    }

    async fn load(&self, connection: &mut Connection, keys: &[StoreKey]) -> Result<Vec<LoadedRow>, Failure> {
        self.reader.load(&connection.client, keys).await
    }

    async fn owned_by(
        &self,
        connection: &mut Connection,
        owner_key: &OwnerKey,
        after: &[u8],
        size: usize,
    ) -> Result<Vec<Row<Summary, Failure>>, Failure> {
        self.reader.owned_by(&connection.client, owner_key, after, size).await
    }

    async fn has_others(
        &self,
        connection: &mut Connection,
        owner_key: &OwnerKey,
        spared: Option<&Lineage>,
    ) -> Result<bool, Failure> {
        self.reader.has_others(&connection.client, owner_key, spared).await
    }

    async fn page(
        &self,
        connection: &mut Connection,
        after: &[u8],
        size: usize,
    ) -> Result<Vec<Row<Listed, Failure>>, Failure> {
        self.reader.page(&connection.client, after, size).await
    }

    async fn write(
        &self,
        connection: &mut Connection,
        writes: &[Write],
    ) -> Vec<Result<WriteOutcome, Failure>> {
        self.writer.write(connection, writes).await
    }
}
