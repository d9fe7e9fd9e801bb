use hardtack_core::session::{Owner, StoreKey};
use hardtack_core::store::{Listed, Stored, Summary};
use hardtack_sql::{Failure, Table};
use tokio_postgres::Client;
use tokio_postgres::types::{ToSql, Type};

use crate::error::failure;
use crate::row;

/// The statements that read.
///
/// All are sent unnamed, with the types of their parameters: parsed, bound and executed in one round trip, and nothing of
/// them is left in the server's session. So the connection may lead through a pooler that gives each transaction another
/// one.
#[derive(Debug)]
pub(crate) struct Reader {
    pub(crate) load: String,
    pub(crate) owned_by: String,
    pub(crate) page: String,
}

impl Reader {
    pub(crate) fn new(table: &Table) -> Self {
        Self {
            load: format!(
                "SELECT key, version, data, owner, label, created_at, last_seen, expires_at, deadline \
                 FROM {table} WHERE key = ANY ($1)"
            ),
            owned_by: format!(
                "SELECT key, version, label, created_at, last_seen, expires_at FROM {table} WHERE owner = $1"
            ),
            page: format!(
                "SELECT key, version, label, created_at, last_seen, expires_at, owner, deadline, \
                 length(data)::INT8, substr(data, 1, 1) FROM {table} WHERE key > $1 ORDER BY key LIMIT $2"
            ),
        }
    }

    pub(crate) async fn load(
        &self,
        client: &Client,
        keys: &[StoreKey],
    ) -> Result<Vec<(StoreKey, Stored)>, Failure> {
        let keys: Vec<&[u8]> = keys.iter().map(|key| key.as_bytes().as_slice()).collect();
        let rows = client.query_typed(&self.load, &[(&keys, Type::BYTEA_ARRAY)]).await.map_err(failure)?;
        rows.iter().map(row::stored).collect()
    }

    pub(crate) async fn owned_by(&self, client: &Client, owner: &Owner) -> Result<Vec<Summary>, Failure> {
        let owner = owner.as_str().as_bytes();
        let rows = client.query_typed(&self.owned_by, &[(&owner, Type::BYTEA)]).await.map_err(failure)?;
        rows.iter().map(row::summary).collect()
    }

    pub(crate) async fn page(
        &self,
        client: &Client,
        after: Option<&StoreKey>,
        size: usize,
    ) -> Result<Vec<Listed>, Failure> {
        let after = after.map_or(&[][..], |key| key.as_bytes());
        let size = i64::try_from(size).unwrap_or(i64::MAX);
        let parameters: [(&(dyn ToSql + Sync), Type); 2] = [(&after, Type::BYTEA), (&size, Type::INT8)];
        let rows = client.query_typed(&self.page, &parameters).await.map_err(failure)?;
        rows.iter().map(row::listed).collect()
    }
}
