use std::time::Duration;

use hardtack_core::session::{Lineage, StoreKey};
use hardtack_core::store::{Listed, Row, Summary};
use hardtack_sql::{Cause, Done, Engine, Failure, Loaded, Table, Whose, Write};
use tokio_postgres::Socket;
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};

use crate::address::Address;
use crate::connection::Connection;
use crate::error::failure;
use crate::prepared::Prepared;
use crate::reader::Reader;
use crate::schema;
use crate::writer::Writer;

/// Selects the server's time in milliseconds since 1970.
const CLOCK: &str = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::INT8";

/// The statements, and the server's address.
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
    /// Connects, and spawns a task that drives the connection until the client is dropped.
    async fn connect_by<T>(&self, tls: T) -> Result<Connection, Failure>
    where
        T: MakeTlsConnect<Socket>,
        T::Stream: Send + 'static,
        T::TlsConnect: Send,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
        let (client, connection) =
            self.address.config.connect(tls).await.map_err(|error| self.refusal(error))?;
        // The client notices when it ends: its requests fail.
        tokio::spawn(async move { drop(connection.await) });
        Ok(Connection { client, change: Prepared::default() })
    }

    /// Returns why the connection failed, with advice if encryption was required by default.
    fn refusal(&self, error: tokio_postgres::Error) -> Failure {
        // The driver does not expose the kinds of its errors.
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

    fn new(url: &str, table: Table, timeout: Duration) -> Result<Self, Cause> {
        let address = Address::new(url, timeout)?;
        #[cfg(not(feature = "tls"))]
        if address.asks_for_tls() {
            let why = "the connection has to be encrypted; build with the feature `tls`";
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

    #[cfg(feature = "tls")]
    async fn connect(&self) -> Result<Connection, Failure> {
        self.connect_by(tokio_postgres_rustls::MakeRustlsConnect::new(self.tls.clone())).await
    }

    #[cfg(not(feature = "tls"))]
    async fn connect(&self) -> Result<Connection, Failure> {
        self.connect_by(tokio_postgres::NoTls).await
    }

    async fn migrate(&self, connection: &mut Connection) -> Result<(), Failure> {
        schema::migrate(&connection.client, &self.table).await
    }

    async fn is_alive(connection: &mut Connection) -> bool {
        !connection.client.is_closed()
    }

    async fn clock(&self, connection: &mut Connection) -> Result<i64, Failure> {
        let rows = connection.client.query_typed(CLOCK, &[]).await.map_err(failure)?;
        let row = rows.first().ok_or_else(|| Failure::unknown("the server did not tell its time"))?;
        row.try_get(0).map_err(failure)
    }

    async fn load(&self, connection: &mut Connection, keys: &[StoreKey]) -> Result<Vec<Loaded>, Failure> {
        self.reader.load(&connection.client, keys).await
    }

    async fn owned_by(
        &self,
        connection: &mut Connection,
        whose: &Whose,
        after: &[u8],
        size: usize,
    ) -> Result<Vec<Row<Summary, Failure>>, Failure> {
        self.reader.owned_by(&connection.client, whose, after, size).await
    }

    async fn has_others(
        &self,
        connection: &mut Connection,
        whose: &Whose,
        spared: Option<&Lineage>,
    ) -> Result<bool, Failure> {
        self.reader.has_others(&connection.client, whose, spared).await
    }

    async fn page(
        &self,
        connection: &mut Connection,
        after: &[u8],
        size: usize,
    ) -> Result<Vec<Row<Listed, Failure>>, Failure> {
        self.reader.page(&connection.client, after, size).await
    }

    async fn write(&self, connection: &mut Connection, writes: &[Write]) -> Vec<Result<Done, Failure>> {
        self.writer.write(connection, writes).await
    }
}
