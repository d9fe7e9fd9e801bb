use hardtack_core::session::{Owner, StoreKey};
use hardtack_core::store::{Listed, Stored, Summary};
use hardtack_sql::{Done, Engine, Failure, Table, Write};
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::{Client, Socket};

use crate::address::Address;
use crate::error::failure;
use crate::reader::Reader;
use crate::schema;
use crate::writer::Writer;

/// What PostgreSQL is told, and where it is.
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
    pub(crate) fn new(address: Address, table: Table) -> Result<Self, Failure> {
        Ok(Self {
            reader: Reader::new(&table),
            writer: Writer::new(&table),
            #[cfg(feature = "tls")]
            tls: crate::tls::config(&address)?,
            table,
            address,
        })
    }

    /// Connects; a task moves the bytes until the client is dropped.
    async fn connect_by<T>(&self, tls: T) -> Result<Client, Failure>
    where
        T: MakeTlsConnect<Socket>,
        T::Stream: Send + 'static,
        T::TlsConnect: Send,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
        let (client, connection) = self.address.config.connect(tls).await.map_err(failure)?;
        // Its end is seen by the client, whose requests fail.
        tokio::spawn(async move { drop(connection.await) });
        Ok(client)
    }
}

impl Engine for Postgres {
    type Connection = Client;

    const NAME: &'static str = "PostgreSQL";

    #[cfg(feature = "tls")]
    async fn connect(&self) -> Result<Client, Failure> {
        self.connect_by(tokio_postgres_rustls::MakeRustlsConnect::new(self.tls.clone())).await
    }

    #[cfg(not(feature = "tls"))]
    async fn connect(&self) -> Result<Client, Failure> {
        self.connect_by(tokio_postgres::NoTls).await
    }

    async fn migrate(&self, client: &mut Client) -> Result<(), Failure> {
        schema::migrate(client, &self.table).await
    }

    async fn is_alive(client: &mut Client) -> bool {
        !client.is_closed()
    }

    async fn load(&self, client: &mut Client, keys: &[StoreKey]) -> Result<Vec<(StoreKey, Stored)>, Failure> {
        self.reader.load(client, keys).await
    }

    async fn owned_by(&self, client: &mut Client, owner: &Owner) -> Result<Vec<Summary>, Failure> {
        self.reader.owned_by(client, owner).await
    }

    async fn page(
        &self,
        client: &mut Client,
        after: Option<&StoreKey>,
        size: usize,
    ) -> Result<Vec<Listed>, Failure> {
        self.reader.page(client, after, size).await
    }

    async fn write(&self, client: &mut Client, writes: &[Write]) -> Vec<Result<Done, Failure>> {
        self.writer.write(client, writes).await
    }
}
