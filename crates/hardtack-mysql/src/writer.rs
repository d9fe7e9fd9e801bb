use std::fmt::{self, Display};

use hardtack_core::protocol::{Lineage, Record, StoreKey};
use hardtack_core::store::millis;
use hardtack_sql::{Failure, OwnerKey, SWEEP_STEP, Table, Write, WriteOutcome};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Error, Row};

use crate::error::{commit_failure, failure};
use crate::hex_literal::HexLiteral;
use crate::reader::{key_list, owner_condition_except};
use crate::row;

/// The statements that begin a transaction. Under `READ COMMITTED`, a lookup that finds no record locks nothing.
/// Otherwise, it would lock a gap in the index, and two transactions that lock the same gap and then insert into it
/// deadlock.
const BEGIN: &str = "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; START TRANSACTION";

/// The number of results that the server returns for `BEGIN`.
const BEGIN_RESULTS: usize = 2;

/// The statements for writing.
#[derive(Debug)]
pub(crate) struct Writer {
    table: Table,
}

/// One write, displayed as SQL.
struct Statement<'a>(&'a Table, &'a Write);

impl Writer {
    pub(crate) fn new(table: &Table) -> Self {
        Self { table: table.clone() }
    }

    /// Executes a batch. The writes that concern a single record are sent together as one transaction, with one
    /// statement each: the server has no statement that changes many records and returns their keys, but it returns the
    /// number of records that each statement matched. After that, every other write is sent by itself.
    pub(crate) async fn write(
        &self,
        connection: &mut Conn,
        writes: &[Write],
    ) -> Vec<Result<WriteOutcome, Failure>> {
        let mut results = vec![Ok(WriteOutcome::default()); writes.len()];
        let single: Vec<usize> = (0..writes.len()).filter(|&at| writes[at].key().is_some()).collect();
        if !single.is_empty() {
            let text = self.transaction(single.iter().map(|&at| &writes[at]));
            match execute(connection, text, single.len()).await {
                Ok(counts) => {
                    for (&at, count) in single.iter().zip(counts) {
                        results[at] = Ok(WriteOutcome::rows(count));
                    }
                }
                Err(failure) => single.iter().for_each(|&at| results[at] = Err(failure.clone())),
            }
        }
        for (write, result) in writes.iter().zip(&mut results) {
            match write {
                Write::DeleteOwnedBy { owner_key, spared } => {
                    *result = self.delete_owned_by(connection, owner_key, spared.as_ref()).await;
                }
                Write::Sweep { now, at_most } => *result = self.sweep(connection, *now, *at_most).await,
                Write::Create { .. } | Write::Replace { .. } | Write::Touch { .. } | Write::Delete { .. } => {
                }
            }
        }
        results
    }

    fn transaction<'a>(&self, writes: impl Iterator<Item = &'a Write>) -> String {
        let mut text = String::from(BEGIN);
        for write in writes {
            text.push_str("; ");
            text.push_str(&Statement(&self.table, write).to_string());
        }
        text.push_str("; COMMIT");
        text
    }

    async fn delete_owned_by(
        &self,
        connection: &mut Conn,
        owner_key: &OwnerKey,
        spared: Option<&Lineage>,
    ) -> Result<WriteOutcome, Failure> {
        let text = format!("{BEGIN}; {}; COMMIT", self.delete_owned_by_sql(owner_key, spared));
        let counts = execute(connection, text, 1).await?;
        Ok(WriteOutcome::rows(counts.iter().sum()))
    }

    /// Runs a sweep step in three round trips: begins a transaction; finds records that may have expired, skipping
    /// those that other transactions have locked; and removes the records that have expired.
    async fn sweep(&self, connection: &mut Conn, now: i64, at_most: i64) -> Result<WriteOutcome, Failure> {
        connection.query_drop(BEGIN).await.map_err(failure)?;
        let due: Vec<Row> = match connection.query(self.due_sql(now)).await {
            Ok(due) => due,
            Err(error) => return Err(roll_back(connection, error).await),
        };
        let looked_at = due.len() as i64;
        let due: Vec<(StoreKey, i64)> = due.into_iter().map(row::due).collect::<Result<_, _>>()?;
        let at_most = usize::try_from(at_most).unwrap_or(usize::MAX);
        let (expired, alive): (Vec<_>, Vec<_>) =
            due.into_iter().partition(|(_, expires_at)| *expires_at <= now);
        let removed = expired.len().min(at_most);
        let mut statements = Vec::new();
        let table = &self.table;
        if removed > 0 {
            let keys = key_list(expired.iter().take(removed).map(|(key, _)| key));
            statements.push(format!("DELETE FROM {table} WHERE `key` IN {keys}"));
        }
        if !alive.is_empty() {
            let keys = key_list(alive.iter().map(|(key, _)| key));
            statements.push(format!("UPDATE {table} SET sweep_at = expires_at WHERE `key` IN {keys}"));
        }
        statements.push("COMMIT".to_owned());
        if let Err((error, _)) = matched_counts(connection, statements.join("; ")).await {
            return Err(roll_back(connection, error).await);
        }
        let has_more = looked_at >= SWEEP_STEP || removed >= at_most;
        Ok(WriteOutcome { rows: removed as u64, has_more })
    }

    /// Returns the statement that deletes all records of an owner, except those of one lineage.
    pub(crate) fn delete_owned_by_sql(&self, owner_key: &OwnerKey, spared: Option<&Lineage>) -> String {
        format!("DELETE FROM {} WHERE {}", self.table, owner_condition_except(owner_key, spared))
    }

    /// Returns the query for records that may have expired, earliest first.
    pub(crate) fn due_sql(&self, now: i64) -> String {
        let table = &self.table;
        format!(
            "SELECT `key`, expires_at FROM {table} WHERE sweep_at <= {now} ORDER BY sweep_at LIMIT {SWEEP_STEP} \
             FOR UPDATE SKIP LOCKED"
        )
    }
}

/// Executes a transaction with this number of statements between `BEGIN` and `COMMIT`, and returns the number of
/// records that each of them matched.
async fn execute(connection: &mut Conn, text: String, statements: usize) -> Result<Vec<u64>, Failure> {
    match matched_counts(connection, text).await {
        Ok(counts) if counts.len() == BEGIN_RESULTS + statements + 1 => {
            Ok(counts.into_iter().skip(BEGIN_RESULTS).take(statements).collect())
        }
        Ok(_) => Err(Failure::unknown("the server did not respond to every statement")),
        Err((error, answered)) if answered == BEGIN_RESULTS + statements => Err(commit_failure(error)),
        Err((error, _)) => Err(roll_back(connection, error).await),
    }
}

/// Sends several statements as one SQL text, and returns the number of records that each matched. If a statement fails,
/// returns the error and the number of statements before it.
async fn matched_counts(connection: &mut Conn, text: String) -> Result<Vec<u64>, (Error, usize)> {
    let mut counts = Vec::new();
    let mut result = connection.query_iter(text).await.map_err(|error| (error, 0))?;
    loop {
        let is_last = result.is_empty();
        let count = result.affected_rows();
        // After an error, the driver also considers the result empty, and returns the error only from another call.
        result.next().await.map_err(|error| (error, counts.len()))?;
        counts.push(count);
        if is_last {
            return Ok(counts);
        }
    }
}

/// Rolls back a transaction after a statement was refused, so that the connection can be reused.
async fn roll_back(connection: &mut Conn, error: Error) -> Failure {
    if !matches!(error, Error::Server(_)) {
        return failure(error);
    }
    match connection.query_drop("ROLLBACK").await {
        Ok(()) => failure(error),
        Err(error) => Failure::unknown(error),
    }
}

impl Display for Statement<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(table, write) = self;
        match write {
            Write::Create { key, version, record } => {
                let (key, data) = (HexLiteral(Some(key.as_bytes())), HexLiteral(Some(&record.data)));
                let [owner, lineage, label] = text_columns(record);
                let purpose = HexLiteral(Some(record.purpose.as_str().as_bytes()));
                let (version, expires_at) = (version.get(), millis(record.expires_at));
                write!(
                    f,
                    "INSERT INTO {table} (`key`, version, purpose, data, owner, lineage, label, created_at, last_seen, \
                     expires_at, deadline, sweep_at) SELECT {key}, {version}, {purpose}, {data}, {owner}, {lineage}, \
                     {label}, {}, {}, {expires_at}, {}, {expires_at} FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM {table} WHERE `key` = {key})",
                    millis(record.created_at),
                    millis(record.last_seen),
                    millis(record.deadline),
                )
            }
            Write::Replace { key, expected, version, record } => {
                let (key, data) = (HexLiteral(Some(key.as_bytes())), HexLiteral(Some(&record.data)));
                let [owner, lineage, label] = text_columns(record);
                let (expected, version) = (expected.get(), version.get());
                let expires_at = millis(record.expires_at);
                write!(
                    f,
                    "UPDATE {table} SET version = {version}, data = {data}, owner = {owner}, lineage = {lineage}, \
                     label = {label}, created_at = {}, last_seen = {}, expires_at = {expires_at}, deadline = {}, \
                     sweep_at = least(sweep_at, {expires_at}) WHERE `key` = {key} AND version = {expected}",
                    millis(record.created_at),
                    millis(record.last_seen),
                    millis(record.deadline),
                )
            }
            Write::Touch { key, expected, last_seen, expires_at } => {
                let (key, expected) = (HexLiteral(Some(key.as_bytes())), expected.get());
                write!(
                    f,
                    "UPDATE {table} SET last_seen = {last_seen}, expires_at = {expires_at}, \
                     sweep_at = least(sweep_at, {expires_at}) WHERE `key` = {key} AND version = {expected}"
                )
            }
            Write::Delete { key, expected } => {
                let (key, expected) = (HexLiteral(Some(key.as_bytes())), expected.get());
                write!(f, "DELETE FROM {table} WHERE `key` = {key} AND version = {expected}")
            }
            Write::DeleteOwnedBy { .. } | Write::Sweep { .. } => Ok(()),
        }
    }
}

/// Returns the values of the columns `owner`, `lineage`, and `label`.
fn text_columns(record: &Record) -> [HexLiteral<'_>; 3] {
    let owner = record.owner().map(|owner| owner.as_str().as_bytes());
    let lineage = record.lineage().map(|lineage| lineage.as_bytes().as_slice());
    let label = record.label.as_ref().map(|label| label.as_bytes());
    [owner, lineage, label].map(HexLiteral)
}
