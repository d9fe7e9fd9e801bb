use std::time::Duration;

use hardtack_core::protocol::{Lineage, StoreKey};
use hardtack_core::store::{Listed, Row, Summary};
use hardtack_sql::{BoxError, Engine, Failure, LoadedRow, OwnerKey, Table, Write, WriteOutcome};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, DriverError, Error, Opts, OptsBuilder};

use crate::address::{Address, Encryption};
use crate::connection::Connection;
use crate::error::failure;
use crate::reader::Reader;
use crate::schema;
use crate::writer::Writer;

/// The query for the server's time in milliseconds since 1970.
const CLOCK: &str = "SELECT CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)";

/// The MySQL engine: the statements, and the options for connecting.
#[derive(Debug)]
pub(crate) struct MySql {
    table: Table,
    reader: Reader,
    writer: Writer,
    encryption: Encryption,
    /// Advice for a connection that could not be encrypted, if encryption is required only by default.
    advice: Option<&'static str>,
    plain: Opts,
    encrypted: Opts,
}

impl Engine for MySql {
    type Connection = Connection;

    const NAME: &'static str = "MySQL";
    const QUOTE: char = '`';

    fn new(url: &str, table: Table, _timeout: Duration) -> Result<Self, BoxError> {
        let address = Address::new(url)?;
        #[cfg(not(feature = "tls"))]
        if address.asks_for_tls() {
            let why = "the connection must be encrypted: enable the feature `tls`";
            return Err(match address.advice() {
                Some(advice) => format!("{why}; {advice}").into(),
                None => why.into(),
            });
        }
        let builder = OptsBuilder::from_opts(address.opts.clone());
        let encrypted = match address.encryption {
            Encryption::Disabled => builder,
            #[cfg(feature = "tls")]
            Encryption::Preferred | Encryption::Required => {
                builder.ssl_opts(crate::tls::options(address.root_certificates.as_deref()))
            }
            #[cfg(not(feature = "tls"))]
            Encryption::Preferred | Encryption::Required => builder,
        };
        Ok(Self {
            reader: Reader::new(&table),
            writer: Writer::new(&table),
            table,
            encryption: address.encryption,
            advice: address.advice(),
            plain: address.opts,
            encrypted: encrypted.into(),
        })
    }

    async fn connect(&self) -> Result<Connection, Failure> {
        let conn = match Conn::new(self.encrypted.clone()).await {
            Err(Error::Driver(DriverError::NoClientSslFlagFromServer))
                if self.encryption == Encryption::Preferred =>
            {
                Conn::new(self.plain.clone()).await
            }
            conn => conn,
        };
        let conn = conn.map_err(|error| match self.advice {
            Some(advice) if is_tls_error(&error) => Failure::unknown(format!("{error}; {advice}")),
            _ => failure(error),
        })?;
        Ok(Connection::new(conn))
    }

    async fn migrate(&self, connection: &mut Connection) -> Result<(), Failure> {
        schema::migrate(&mut connection.conn, &self.table).await
    }

    async fn is_alive(connection: &mut Connection) -> bool {
        connection.is_alive().await
    }

    async fn clock(&self, connection: &mut Connection) -> Result<i64, Failure> {
        let millis: Option<i64> = connection.conn.query_first(CLOCK).await.map_err(failure)?;
        millis.ok_or_else(|| Failure::unknown("the server did not return its time"))
    }

    async fn load(&self, connection: &mut Connection, keys: &[StoreKey]) -> Result<Vec<LoadedRow>, Failure> {
        let loaded = self.reader.load(&mut connection.conn, keys).await;
        connection.note_use();
        loaded
    }

    async fn owned_by(
        &self,
        connection: &mut Connection,
        owner_key: &OwnerKey,
        after: &[u8],
        size: usize,
    ) -> Result<Vec<Row<Summary, Failure>>, Failure> {
        self.reader.owned_by(&mut connection.conn, owner_key, after, size).await
    }

    async fn has_others(
        &self,
        connection: &mut Connection,
        owner_key: &OwnerKey,
        spared: Option<&Lineage>,
    ) -> Result<bool, Failure> {
        self.reader.has_others(&mut connection.conn, owner_key, spared).await
    }

    async fn page(
        &self,
        connection: &mut Connection,
        after: &[u8],
        size: usize,
    ) -> Result<Vec<Row<Listed, Failure>>, Failure> {
        self.reader.page(&mut connection.conn, after, size).await
    }

    async fn write(
        &self,
        connection: &mut Connection,
        writes: &[Write],
    ) -> Vec<Result<WriteOutcome, Failure>> {
        let written = self.writer.write(&mut connection.conn, writes).await;
        connection.note_use();
        written
    }
}

fn is_tls_error(error: &Error) -> bool {
    #[cfg(feature = "tls")]
    if let Error::Io(mysql_async::IoError::Tls(_)) = error {
        return true;
    }
    matches!(error, Error::Driver(DriverError::NoClientSslFlagFromServer))
}
