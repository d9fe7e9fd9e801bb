use std::fmt::Write as _;

use hardtack_core::session::{Owner, StoreKey};
use hardtack_core::store::{Stored, Summary};
use hardtack_sql::{Failure, Table};
use mysql_async::Conn;
use mysql_async::prelude::Queryable;

use crate::error::failure;
use crate::row;
use crate::text::Bytes;

/// The statements that read, up to their parameters.
///
/// All statements are sent as text, in one round trip, and nothing of them is left in the server's session.
#[derive(Debug)]
pub(crate) struct Reader {
    load: String,
    owned_by: String,
}

impl Reader {
    pub(crate) fn new(table: &Table) -> Self {
        Self {
            load: format!(
                "SELECT `key`, version, data, owner, label, created_at, last_seen, expires_at, deadline \
                 FROM {table} WHERE `key` IN"
            ),
            owned_by: format!(
                "SELECT `key`, version, label, created_at, last_seen, expires_at FROM {table} WHERE owner ="
            ),
        }
    }

    pub(crate) async fn load(
        &self,
        connection: &mut Conn,
        keys: &[StoreKey],
    ) -> Result<Vec<(StoreKey, Stored)>, Failure> {
        let text = format!("{} {}", self.load, listed(keys.iter()));
        let rows: Vec<mysql_async::Row> = connection.query(text).await.map_err(failure)?;
        rows.into_iter().map(row::stored).collect()
    }

    pub(crate) async fn owned_by(
        &self,
        connection: &mut Conn,
        owner: &Owner,
    ) -> Result<Vec<Summary>, Failure> {
        let rows: Vec<mysql_async::Row> = connection.query(self.listing(owner)).await.map_err(failure)?;
        rows.into_iter().map(row::summary).collect()
    }

    fn listing(&self, owner: &Owner) -> String {
        format!("{} {}", self.owned_by, Bytes(Some(owner.as_str().as_bytes())))
    }
}

/// Keys in parentheses.
pub(crate) fn listed<'a>(keys: impl Iterator<Item = &'a StoreKey>) -> String {
    let mut list = String::from("(");
    for key in keys {
        let comma = if list.len() > 1 { "," } else { "" };
        write!(list, "{comma}{}", Bytes(Some(key.as_bytes()))).expect("writing into a string does not fail");
    }
    list.push(')');
    list
}
