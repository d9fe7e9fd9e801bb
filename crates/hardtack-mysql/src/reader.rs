use std::fmt::Write as _;

use hardtack_core::session::{Lineage, StoreKey};
use hardtack_core::store::{self, Listed, Summary};
use hardtack_sql::{Failure, Loaded, Table, Whose};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Row};

use crate::error::failure;
use crate::row;
use crate::text::Bytes;

/// The statements for reading, without their parameters.
///
/// All statements are sent as text, in one round trip, and leave nothing in the server's session.
#[derive(Debug)]
pub(crate) struct Reader {
    load: String,
    owned_by: String,
    has_others: String,
    page: String,
}

impl Reader {
    pub(crate) fn new(table: &Table) -> Self {
        Self {
            load: format!(
                "SELECT `key`, version, data, owner, label, created_at, last_seen, expires_at, deadline, \
                 lineage, purpose FROM {table} WHERE `key` IN"
            ),
            owned_by: format!(
                "SELECT `key`, version, label, created_at, last_seen, expires_at, owner, lineage FROM {table} WHERE"
            ),
            has_others: format!("SELECT 1 FROM {table} WHERE"),
            page: format!(
                "SELECT `key`, version, label, created_at, last_seen, expires_at, owner, lineage, deadline, \
                 LENGTH(data), LEFT(data, 1), purpose FROM {table} WHERE `key` >"
            ),
        }
    }

    pub(crate) async fn load(
        &self,
        connection: &mut Conn,
        keys: &[StoreKey],
    ) -> Result<Vec<Loaded>, Failure> {
        let rows: Vec<Row> = connection.query(self.loading(keys)).await.map_err(failure)?;
        rows.into_iter().map(row::stored).collect()
    }

    pub(crate) async fn owned_by(
        &self,
        connection: &mut Conn,
        whose: &Whose,
        after: &[u8],
        size: usize,
    ) -> Result<Vec<store::Row<Summary, Failure>>, Failure> {
        let rows: Vec<Row> = connection.query(self.listing(whose, after, size)).await.map_err(failure)?;
        rows.into_iter().map(|row| row::entry(row, row::summary)).collect()
    }

    pub(crate) async fn has_others(
        &self,
        connection: &mut Conn,
        whose: &Whose,
        spared: Option<&Lineage>,
    ) -> Result<bool, Failure> {
        let rows: Vec<Row> = connection.query(self.others(whose, spared)).await.map_err(failure)?;
        Ok(!rows.is_empty())
    }

    pub(crate) async fn page(
        &self,
        connection: &mut Conn,
        after: &[u8],
        size: usize,
    ) -> Result<Vec<store::Row<Listed, Failure>>, Failure> {
        let rows: Vec<Row> = connection.query(self.paging(after, size)).await.map_err(failure)?;
        rows.into_iter().map(|row| row::entry(row, row::listed)).collect()
    }

    pub(crate) fn loading(&self, keys: &[StoreKey]) -> String {
        format!("{} {}", self.load, listed(keys.iter()))
    }

    pub(crate) fn listing(&self, whose: &Whose, after: &[u8], size: usize) -> String {
        let after = Bytes(Some(after));
        format!("{} {} AND `key` > {after} ORDER BY `key` LIMIT {size}", self.owned_by, is_of(whose))
    }

    pub(crate) fn others(&self, whose: &Whose, spared: Option<&Lineage>) -> String {
        format!("{} {} LIMIT 1", self.has_others, is_of_others(whose, spared))
    }

    pub(crate) fn paging(&self, after: &[u8], size: usize) -> String {
        format!("{} {} ORDER BY `key` LIMIT {size}", self.page, Bytes(Some(after)))
    }
}

/// Returns the condition that selects an owner's records.
fn is_of(whose: &Whose) -> String {
    let owner = Bytes(Some(whose.owner.as_str().as_bytes()));
    let purpose = Bytes(Some(whose.purpose.as_str().as_bytes()));
    format!("owner = {owner} AND purpose = {purpose}")
}

/// Returns the condition that selects an owner's records, except those of one lineage.
pub(crate) fn is_of_others(whose: &Whose, spared: Option<&Lineage>) -> String {
    let spared = Bytes(spared.map(|lineage| lineage.as_bytes().as_slice()));
    format!("{} AND NOT lineage <=> {spared}", is_of(whose))
}

/// Formats keys as a list in parentheses.
pub(crate) fn listed<'a>(keys: impl Iterator<Item = &'a StoreKey>) -> String {
    let mut list = String::from("(");
    for key in keys {
        let comma = if list.len() > 1 { "," } else { "" };
        write!(list, "{comma}{}", Bytes(Some(key.as_bytes()))).expect("writing into a string does not fail");
    }
    list.push(')');
    list
}
