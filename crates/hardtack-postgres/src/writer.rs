use std::collections::HashSet;
use std::sync::Arc;
use std::time::SystemTime;

use hardtack_core::protocol::{Lineage, Record, StoreKey};
use hardtack_core::store::{Version, millis};
use hardtack_sql::{Failure, OwnerKey, SWEEP_STEP, Table, Write, WriteOutcome};
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Row};

use crate::batch::{Batch, Change, Create, ResultSource};
use crate::connection::Connection;
use crate::error::failure;
use crate::prepared::{Parameter, PreparedStatement, RepeatedStatement};
use crate::row::column;

/// The statements for writing.
///
/// Each statement is its own transaction and receives its records in key order, so two statements do not deadlock: the
/// server looks up the records one by one, in this order. If the table is so small that the server scans all of it
/// instead, a deadlock is possible; the server then aborts one of the statements, which is retried. The sweep ignores
/// the key order, but never waits for locks.
///
/// A statement reports the records that it changed by their position in its parameters instead of by key, because a
/// batch may contain a key twice.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(crate) create: String,
    pub(crate) change: RepeatedStatement,
    pub(crate) delete: String,
    pub(crate) delete_owned_by: String,
    pub(crate) sweep: String,
    pub(crate) sweep_later: String,
}

impl Writer {
    pub(crate) fn new(table: &Table) -> Self {
        let purpose = format!("hardtack {} changes {table}", env!("CARGO_PKG_VERSION"));
        let [expected, version, created_at, last_seen, expires_at, deadline] = numbers();
        Self {
            create: format!(
                "INSERT INTO {table} AS session (key, version, purpose, data, owner, lineage, label, created_at, \
                 last_seen, expires_at, deadline, sweep_at) \
                 SELECT key, {version}, purpose, data, {OWNER}, {LINEAGE}, label, {created_at}, {last_seen}, \
                 {expires_at}, {deadline}, {expires_at} \
                 FROM unnest($1, $2, $3, $4, $6) WITH ORDINALITY AS new (key, data, login, label, purpose, place) \
                 ON CONFLICT (key) DO NOTHING RETURNING version"
            ),
            // A record's purpose never changes, so it is not updated. For a touch, `data` is null, and only the two
            // times are used. The column of the expiry index changes only if the new expiry is earlier.
            change: RepeatedStatement::new(5, purpose, |is_ours| {
                let replaced = |column: &str, new: &str| {
                    format!("{column} = CASE WHEN new.data IS NULL THEN session.{column} ELSE {new} END")
                };
                format!(
                    "UPDATE {table} AS session SET {}, {}, {}, {}, {}, {}, {}, \
                     last_seen = {last_seen}, expires_at = {expires_at}, \
                     sweep_at = least(session.sweep_at, {expires_at}) \
                     FROM unnest($1, $2, $3, $4) WITH ORDINALITY AS new (key, data, login, label, place) \
                     WHERE {is_ours} AND session.key = new.key AND session.version = {expected} \
                     RETURNING new.place",
                    replaced("version", &version),
                    replaced("data", "new.data"),
                    replaced("owner", OWNER),
                    replaced("lineage", LINEAGE),
                    replaced("label", "new.label"),
                    replaced("created_at", &created_at),
                    replaced("deadline", &deadline),
                )
            }),
            delete: format!(
                "DELETE FROM {table} AS session USING unnest($1, $2) WITH ORDINALITY AS old (key, expected, place) \
                 WHERE session.key = old.key AND session.version = old.expected RETURNING old.place"
            ),
            delete_owned_by: format!(
                "DELETE FROM {table} WHERE key IN (SELECT key FROM {table} \
                 WHERE owner = $1 AND purpose = $2 AND lineage IS DISTINCT FROM $3 ORDER BY key FOR UPDATE)"
            ),
            // Removes up to $2 expired records among the first $3 whose `sweep_at` has passed.
            sweep: format!(
                "DELETE FROM {table} WHERE key IN (SELECT key FROM (SELECT key, expires_at FROM {table} \
                 WHERE sweep_at <= $1 ORDER BY sweep_at LIMIT $3 FOR UPDATE SKIP LOCKED) AS due \
                 WHERE expires_at <= $1 LIMIT $2)"
            ),
            // Corrects `sweep_at` of the records that have not expired, among the first $2 whose `sweep_at` has passed.
            sweep_later: format!(
                "UPDATE {table} SET sweep_at = expires_at WHERE key IN (SELECT key FROM (SELECT key, expires_at \
                 FROM {table} WHERE sweep_at <= $1 ORDER BY sweep_at LIMIT $2 FOR UPDATE SKIP LOCKED) AS due \
                 WHERE expires_at > $1)"
            ),
        }
    }

    /// Executes a batch. The creates, the changes, and the deletes are one statement each, and the three statements are
    /// sent together. After them, every other write is sent separately.
    pub(crate) async fn write(
        &self,
        connection: &mut Connection,
        writes: &[Write],
    ) -> Vec<Result<WriteOutcome, Failure>> {
        let batch = Batch::of(writes);
        let Connection { client, change } = connection;
        let client = &*client;
        let (created, changed, deleted) = tokio::join!(
            self.create(client, &batch.creates),
            self.change(client, change, &batch.changes),
            self.delete(client, &batch.deletes),
        );
        let mut results = Vec::with_capacity(writes.len());
        for (write, source) in writes.iter().zip(batch.sources) {
            results.push(match source {
                ResultSource::Create(at) => created.clone().map(|rows| rows.outcome(at)),
                ResultSource::Change(at) => changed.clone().map(|rows| rows.outcome(at)),
                ResultSource::Superseded(_) => changed.clone().map(|_| WriteOutcome::default()),
                ResultSource::Delete(at) => deleted.clone().map(|rows| rows.outcome(at)),
                ResultSource::Own => self.execute_alone(client, write).await,
            });
        }
        results
    }

    async fn create(&self, client: &Client, creates: &[Create<'_>]) -> Result<ChangedRows, Failure> {
        if creates.is_empty() {
            return Ok(ChangedRows::default());
        }
        let mut columns = Columns::default();
        for Create { key, version, record } in creates {
            let times = (millis(record.last_seen), millis(record.expires_at));
            // A create does not use the expected version, because there is no record yet.
            columns.push(key, *version, Some((*version, record)), times);
        }
        let purposes: Vec<&[u8]> =
            creates.iter().map(|create| create.record.purpose.as_str().as_bytes()).collect();
        let purposes: [Parameter<'_>; 1] = [(&purposes, Type::BYTEA_ARRAY)];
        let parameters = [&columns.parameters()[..], &purposes].concat();
        let rows = client.query_typed(&self.create, &parameters).await.map_err(failure)?;
        let created: HashSet<i64> = rows.iter().map(integer).collect::<Result<_, _>>()?;
        let rows = (0..).zip(creates).filter(|(_, create)| created.contains(&column(create.version)));
        Ok(ChangedRows::of(rows.map(|(at, _)| at)))
    }

    async fn change(
        &self,
        client: &Client,
        prepared: &mut PreparedStatement,
        changes: &[Change<'_>],
    ) -> Result<ChangedRows, Failure> {
        if changes.is_empty() {
            return Ok(ChangedRows::default());
        }
        let mut columns = Columns::default();
        for Change { key, expected, to, last_seen, expires_at } in changes {
            columns.push(key, *expected, *to, (*last_seen, *expires_at));
        }
        ChangedRows::read(self.change.query(client, prepared, &columns.parameters()).await)
    }

    async fn delete(&self, client: &Client, deletes: &[(StoreKey, Version)]) -> Result<ChangedRows, Failure> {
        if deletes.is_empty() {
            return Ok(ChangedRows::default());
        }
        let keys: Vec<&[u8]> = deletes.iter().map(|(key, _)| key.as_bytes().as_slice()).collect();
        let expected: Vec<i64> = deletes.iter().map(|(_, expected)| column(*expected)).collect();
        let parameters: [Parameter<'_>; 2] = [(&keys, Type::BYTEA_ARRAY), (&expected, Type::INT8_ARRAY)];
        ChangedRows::read(client.query_typed(&self.delete, &parameters).await)
    }

    async fn execute_alone(&self, client: &Client, write: &Write) -> Result<WriteOutcome, Failure> {
        match write {
            Write::DeleteOwnedBy { owner_key: OwnerKey { purpose, owner }, spared } => {
                let (owner, purpose) = (owner.as_str().as_bytes(), purpose.as_str().as_bytes());
                let spared = spared.as_ref().map(|lineage| lineage.as_bytes().as_slice());
                let parameters: [Parameter<'_>; 3] =
                    [(&owner, Type::BYTEA), (&purpose, Type::BYTEA), (&spared, Type::BYTEA)];
                let rows = client.execute_typed(&self.delete_owned_by, &parameters).await;
                rows.map(WriteOutcome::rows).map_err(failure)
            }
            Write::Sweep { now, at_most } => {
                let delete: [Parameter<'_>; 3] =
                    [(now, Type::INT8), (at_most, Type::INT8), (&SWEEP_STEP, Type::INT8)];
                let correct: [Parameter<'_>; 2] = [(now, Type::INT8), (&SWEEP_STEP, Type::INT8)];
                let removed = client.execute_typed(&self.sweep, &delete).await.map_err(failure)?;
                let corrected = client.execute_typed(&self.sweep_later, &correct).await.map_err(failure)?;
                let has_more = removed + corrected >= SWEEP_STEP.cast_unsigned()
                    || removed >= (*at_most).cast_unsigned();
                Ok(WriteOutcome { rows: removed, has_more })
            }
            Write::Create { .. } | Write::Replace { .. } | Write::Touch { .. } | Write::Delete { .. } => {
                Ok(WriteOutcome::default())
            }
        }
    }
}

/// The positions of the changed records in a statement's parameters.
#[derive(Debug, Clone, Default)]
struct ChangedRows(Arc<HashSet<usize>>);

impl ChangedRows {
    fn of(positions: impl Iterator<Item = usize>) -> Self {
        Self(Arc::new(positions.collect()))
    }

    /// Reads the positions, which count from one, from the rows that a statement returned.
    fn read(rows: Result<Vec<Row>, tokio_postgres::Error>) -> Result<Self, Failure> {
        let positions: Vec<i64> = rows.map_err(failure)?.iter().map(integer).collect::<Result<_, _>>()?;
        Ok(Self::of(positions.into_iter().filter_map(|position| usize::try_from(position - 1).ok())))
    }

    fn outcome(&self, position: usize) -> WriteOutcome {
        WriteOutcome::rows(u64::from(self.0.contains(&position)))
    }
}

/// The values to write for each record, column by column. All numbers are in one array, with [`NUMBERS`] elements per
/// record, and a login is one value. The server unnests each array, so fewer arrays mean less work.
#[derive(Debug, Default)]
struct Columns<'a> {
    keys: Vec<&'a [u8]>,
    data: Vec<Option<&'a [u8]>>,
    /// The bytes of the lineage, followed by those of the owner.
    logins: Vec<Option<Vec<u8>>>,
    labels: Vec<Option<&'a [u8]>>,
    numbers: Vec<i64>,
}

/// The number of integers per record: the expected version, the new version, and the times at which the record was
/// created, was last seen, expires, and reaches its deadline.
const NUMBERS: usize = 6;

/// The expressions for the two parts of a login in the statements. Both are null if there is no login.
const LINEAGE: &str = "substring(new.login from 1 for 16)";
const OWNER: &str = "substring(new.login from 17)";
const _: () = assert!(Lineage::LEN == 16);

/// Returns the expressions for the numbers of the record at the position `place`.
fn numbers() -> [String; NUMBERS] {
    std::array::from_fn(|number| format!("$5[{NUMBERS} * place - {}]", NUMBERS - 1 - number))
}

impl<'a> Columns<'a> {
    /// Adds the values of a new record, or those of a touch, which has only the two times.
    fn push(
        &mut self,
        key: &'a StoreKey,
        expected: Version,
        to: Option<(Version, &'a Record)>,
        (last_seen, expires_at): (i64, i64),
    ) {
        let record = to.map(|(_, record)| record);
        let version = to.map_or(0, |(version, _)| column(version));
        let time = |of: fn(&Record) -> SystemTime| record.map_or(0, |record| millis(of(record)));
        let (created_at, deadline) = (time(|record| record.created_at), time(|record| record.deadline));
        self.keys.push(key.as_bytes());
        self.data.push(record.map(|record| &*record.data));
        let login = record.and_then(|record| record.login.as_ref());
        self.logins
            .push(login.map(|login| {
                [login.lineage.as_bytes().as_slice(), login.owner.as_str().as_bytes()].concat()
            }));
        self.labels.push(record.and_then(|record| Some(record.label.as_ref()?.as_bytes())));
        self.numbers.extend([column(expected), version, created_at, last_seen, expires_at, deadline]);
    }

    fn parameters(&self) -> [Parameter<'_>; 5] {
        [
            (&self.keys, Type::BYTEA_ARRAY),
            (&self.data, Type::BYTEA_ARRAY),
            (&self.logins, Type::BYTEA_ARRAY),
            (&self.labels, Type::BYTEA_ARRAY),
            (&self.numbers, Type::INT8_ARRAY),
        ]
    }
}

fn integer(row: &Row) -> Result<i64, Failure> {
    row.try_get(0).map_err(failure)
}
