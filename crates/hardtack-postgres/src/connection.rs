use tokio_postgres::Client;

use crate::prepared::Prepared;

/// A connection, and the statement prepared on it.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) client: Client,
    pub(crate) change: Prepared,
}
