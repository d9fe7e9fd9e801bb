use std::fmt::Write as _;

use hardtack_core::protocol::{Lineage, StoreKey};
use hardtack_core::store::{self, Listed, Summary};
use hardtack_sql::{Failure, LoadedRow, OwnerKey, Table};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Row};

use crate::error::failure;
use crate::hex_literal::HexLiteral;
use crate::row;

/// The statements for reading, without their parameters.
///
/// All statements are sent as SQL text, in one round trip each, and the server keeps no part of them in its session.
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
    ) -> Result<Vec<LoadedRow>, Failure> {
        let rows: Vec<Row> = connection.query(self.load_sql(keys)).await.map_err(failure)?;
        rows.into_iter().map(row::stored).collect()
    }

    pub(crate) async fn owned_by(
        &self,
        connection: &mut Conn,
        owner_key: &OwnerKey,
        after: &[u8],
        size: usize,
    ) -> Result<Vec<store::Row<Summary, Failure>>, Failure> {
        let rows: Vec<Row> =
            connection.query(self.owned_by_sql(owner_key, after, size)).await.map_err(failure)?;
        rows.into_iter().map(|row| row::entry(row, row::summary)).collect()
    }

    pub(crate) async fn has_others(
        &self,
        connection: &mut Conn,
        owner_key: &OwnerKey,
        spared: Option<&Lineage>,
    ) -> Result<bool, Failure> {
        let rows: Vec<Row> =
            connection.query(self.has_others_sql(owner_key, spared)).await.map_err(failure)?;
        Ok(!rows.is_empty())
    }

    pub(crate) async fn page(
        &self,
        connection: &mut Conn,
        after: &[u8],
        size: usize,
    ) -> Result<Vec<store::Row<Listed, Failure>>, Failure> {
        let rows: Vec<Row> = connection.query(self.page_sql(after, size)).await.map_err(failure)?;
        rows.into_iter().map(|row| row::entry(row, row::listed)).collect()
    }

    pub(crate) fn load_sql(&self, keys: &[StoreKey]) -> String {
        format!("{} {}", self.load, key_list(keys.iter()))
    }

    pub(crate) fn owned_by_sql(&self, owner_key: &OwnerKey, after: &[u8], size: usize) -> String {
        let after = HexLiteral(Some(after));
        format!(
            "{} {} AND `key` > {after} ORDER BY `key` LIMIT {size}",
            self.owned_by,
            owner_condition(owner_key)
        )
    }

    pub(crate) fn has_others_sql(&self, owner_key: &OwnerKey, spared: Option<&Lineage>) -> String {
        format!("{} {} LIMIT 1", self.has_others, owner_condition_except(owner_key, spared))
    }

    pub(crate) fn page_sql(&self, after: &[u8], size: usize) -> String {
        format!("{} {} ORDER BY `key` LIMIT {size}", self.page, HexLiteral(Some(after)))
    }
}

/// Returns the condition that selects an owner's records.
fn owner_condition(owner_key: &OwnerKey) -> String {
    let owner = HexLiteral(Some(owner_key.owner.as_str().as_bytes()));
    let purpose = HexLiteral(Some(owner_key.purpose.as_str().as_bytes()));
    format!("owner = {owner} AND purpose = {purpose}")
}

/// Returns the condition that selects an owner's records, except those of one lineage.
pub(crate) fn owner_condition_except(owner_key: &OwnerKey, spared: Option<&Lineage>) -> String {
    let spared = HexLiteral(spared.map(|lineage| lineage.as_bytes().as_slice()));
    format!("{} AND NOT lineage <=> {spared}", owner_condition(owner_key))
}

/// Formats keys as a list in parentheses.
pub(crate) fn key_list<'a>(keys: impl Iterator<Item = &'a StoreKey>) -> String {
    let mut list = String::from("(");
    for key in keys {
        let comma = if list.len() > 1 { "," } else { "" };
        write!(list, "{comma}{}", HexLiteral(Some(key.as_bytes())))
            .expect("writing to a string does not fail");
    }
    list.push(')');
    list
}
