use hardtack_core::protocol::{Lineage, StoreKey};
use hardtack_core::store::{Listed, Row, Summary};
use hardtack_sql::{Failure, LoadedRow, OwnerKey, Table};
use tokio_postgres::Client;
use tokio_postgres::types::{ToSql, Type};

use crate::error::failure;
use crate::row;

/// The statements for reading.
///
/// All statements are sent unnamed, with the types of their parameters. The server parses, binds, and executes them in
/// one round trip, and keeps no part of them in its session. The connection may therefore go through a pooler that
/// assigns each transaction to a different server connection.
#[derive(Debug)]
pub(crate) struct Reader {
    pub(crate) load: String,
    pub(crate) owned_by: String,
    pub(crate) has_others: String,
    pub(crate) page: String,
}

impl Reader {
    pub(crate) fn new(table: &Table) -> Self {
        Self {
            load: format!(
                "SELECT key, version, data, owner, label, created_at, last_seen, expires_at, deadline, lineage, purpose \
                 FROM {table} WHERE key = ANY ($1)"
            ),
            owned_by: format!(
                "SELECT key, version, label, created_at, last_seen, expires_at, owner, lineage FROM {table} \
                 WHERE owner = $1 AND purpose = $2 AND key > $3 ORDER BY key LIMIT $4"
            ),
            has_others: format!(
                "SELECT EXISTS (SELECT 1 FROM {table} \
                 WHERE owner = $1 AND purpose = $2 AND lineage IS DISTINCT FROM $3)"
            ),
            page: format!(
                "SELECT key, version, label, created_at, last_seen, expires_at, owner, lineage, deadline, \
                 length(data)::INT8, substr(data, 1, 1), purpose FROM {table} WHERE key > $1 ORDER BY key LIMIT $2"
            ),
        }
    }

    pub(crate) async fn load(&self, client: &Client, keys: &[StoreKey]) -> Result<Vec<LoadedRow>, Failure> {
        let keys: Vec<&[u8]> = keys.iter().map(|key| key.as_bytes().as_slice()).collect();
        let rows = client.query_typed(&self.load, &[(&keys, Type::BYTEA_ARRAY)]).await.map_err(failure)?;
        rows.iter().map(row::stored).collect()
    }

    pub(crate) async fn owned_by(
        &self,
        client: &Client,
        owner_key: &OwnerKey,
        after: &[u8],
        size: usize,
    ) -> Result<Vec<Row<Summary, Failure>>, Failure> {
        let (owner, purpose) = (owner_key.owner.as_str().as_bytes(), owner_key.purpose.as_str().as_bytes());
        let size = i64::try_from(size).unwrap_or(i64::MAX);
        let parameters: [(&(dyn ToSql + Sync), Type); 4] =
            [(&owner, Type::BYTEA), (&purpose, Type::BYTEA), (&after, Type::BYTEA), (&size, Type::INT8)];
        let rows = client.query_typed(&self.owned_by, &parameters).await.map_err(failure)?;
        rows.iter().map(|row| row::entry(row, row::summary)).collect()
    }

    pub(crate) async fn has_others(
        &self,
        client: &Client,
        owner_key: &OwnerKey,
        spared: Option<&Lineage>,
    ) -> Result<bool, Failure> {
        let (owner, purpose) = (owner_key.owner.as_str().as_bytes(), owner_key.purpose.as_str().as_bytes());
        let spared = spared.map(|lineage| lineage.as_bytes().as_slice());
        let parameters: [(&(dyn ToSql + Sync), Type); 3] =
            [(&owner, Type::BYTEA), (&purpose, Type::BYTEA), (&spared, Type::BYTEA)];
        let row = client.query_typed_one(&self.has_others, &parameters).await.map_err(failure)?;
        row.try_get(0).map_err(failure)
    }

    pub(crate) async fn page(
        &self,
        client: &Client,
        after: &[u8],
        size: usize,
    ) -> Result<Vec<Row<Listed, Failure>>, Failure> {
        let size = i64::try_from(size).unwrap_or(i64::MAX);
        let parameters: [(&(dyn ToSql + Sync), Type); 2] = [(&after, Type::BYTEA), (&size, Type::INT8)];
        let rows = client.query_typed(&self.page, &parameters).await.map_err(failure)?;
        rows.iter().map(|row| row::entry(row, row::listed)).collect()
    }
}
