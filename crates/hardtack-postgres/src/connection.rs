use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::{Client, Config, Error, Socket};

use crate::prepared::PreparedStatement;

/// A connection, and the statement prepared on it.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) client: Client,
    pub(crate) change: PreparedStatement,
}

impl Connection {
    /// Connects, and spawns a task that drives the connection until the client is dropped.
    pub(crate) async fn open<T>(config: &Config, tls: T) -> Result<Self, Error>
    where
        T: MakeTlsConnect<Socket>,
        T::Stream: Send + 'static,
        T::TlsConnect: Send,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
        let (client, connection) = config.connect(tls).await?;
        // When the connection ends, the requests of the client fail, so the error is not needed here.
        tokio::spawn(async move { drop(connection.await) });
        Ok(Self { client, change: PreparedStatement::default() })
    }

    pub(crate) fn is_alive(&self) -> bool {
        !self.client.is_closed()
    }
}
