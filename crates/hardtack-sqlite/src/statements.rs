use hardtack_core::protocol::{Lineage, Owner};
use hardtack_core::store::{Version, millis};
use rusqlite::{CachedStatement, Connection, params};

use crate::row::column;
use crate::write::{Write, WriteOutcome};

const CREATE: &str = "INSERT INTO session \
     (key, version, data, owner, label, created_at, last_seen, expires_at, deadline, sweep_at, lineage, purpose) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?8, ?10, ?11) ON CONFLICT (key) DO NOTHING";

/// Replaces a record, if the new expiry is at or after the record's `sweep_at`. The expiry index then stays unchanged.
pub(crate) const REPLACE: &str = "UPDATE session SET version = ?3, data = ?4, owner = ?5, \
     label = ?6, created_at = ?7, last_seen = ?8, expires_at = ?9, deadline = ?10, lineage = ?11 \
     WHERE key = ?1 AND version = ?2 AND sweep_at <= ?9";

/// Replaces a record whose new expiry is earlier than its `sweep_at`.
pub(crate) const REPLACE_WITH_EARLIER_EXPIRY: &str = "UPDATE session SET version = ?3, data = ?4, owner = ?5, \
     label = ?6, created_at = ?7, last_seen = ?8, expires_at = ?9, deadline = ?10, lineage = ?11, \
     sweep_at = ?9 \
     WHERE key = ?1 AND version = ?2";

const TOUCH: &str = "UPDATE session SET last_seen = ?3, expires_at = ?4 \
     WHERE key = ?1 AND version = ?2 AND sweep_at <= ?4";

const TOUCH_WITH_EARLIER_EXPIRY: &str = "UPDATE session SET last_seen = ?3, expires_at = ?4, sweep_at = ?4 \
     WHERE key = ?1 AND version = ?2";

const DELETE: &str = "DELETE FROM session WHERE key = ?1 AND version = ?2";

pub(crate) const DELETE_OWNED_BY: &str =
    "DELETE FROM session WHERE owner = ?1 AND purpose = ?2 AND lineage IS NOT ?3";

/// Removes up to `?2` expired records among the first `?3` whose `sweep_at` has passed.
pub(crate) const SWEEP: &str = "DELETE FROM session WHERE key IN (SELECT key FROM \
     (SELECT key, expires_at FROM session WHERE sweep_at <= ?1 ORDER BY sweep_at LIMIT ?3) \
     WHERE expires_at <= ?1 LIMIT ?2)";

/// Of the first `?2` records whose `sweep_at` has passed, corrects `sweep_at` for those that have not expired.
pub(crate) const POSTPONE_SWEEP: &str = "UPDATE session SET sweep_at = expires_at \
     WHERE expires_at > ?1 AND key IN \
     (SELECT key FROM session WHERE sweep_at <= ?1 ORDER BY sweep_at LIMIT ?2)";

/// The number of records that one sweep step examines.
pub(crate) const SWEEP_STEP: i64 = 256;

/// The prepared statements for a batch, each looked up in the cache once.
pub(crate) struct Statements<'a> {
    pub(crate) begin: CachedStatement<'a>,
    create: CachedStatement<'a>,
    replace: CachedStatement<'a>,
    replace_with_earlier_expiry: CachedStatement<'a>,
    touch: CachedStatement<'a>,
    touch_with_earlier_expiry: CachedStatement<'a>,
    delete: CachedStatement<'a>,
    delete_owned_by: CachedStatement<'a>,
    sweep: CachedStatement<'a>,
    postpone_sweep: CachedStatement<'a>,
    pub(crate) commit: CachedStatement<'a>,
}

impl<'a> Statements<'a> {
    pub(crate) fn prepare(connection: &'a Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            begin: connection.prepare_cached("BEGIN IMMEDIATE")?,
            create: connection.prepare_cached(CREATE)?,
            replace: connection.prepare_cached(REPLACE)?,
            replace_with_earlier_expiry: connection.prepare_cached(REPLACE_WITH_EARLIER_EXPIRY)?,
            touch: connection.prepare_cached(TOUCH)?,
            touch_with_earlier_expiry: connection.prepare_cached(TOUCH_WITH_EARLIER_EXPIRY)?,
            delete: connection.prepare_cached(DELETE)?,
            delete_owned_by: connection.prepare_cached(DELETE_OWNED_BY)?,
            sweep: connection.prepare_cached(SWEEP)?,
            postpone_sweep: connection.prepare_cached(POSTPONE_SWEEP)?,
            commit: connection.prepare_cached("COMMIT")?,
        })
    }

    pub(crate) fn execute(&mut self, write: &Write, version: Version) -> rusqlite::Result<WriteOutcome> {
        let mut has_more = false;
        let rows = match write {
            Write::Create { key, record } => self.create.execute(params![
                key.as_bytes(),
                column(version),
                &*record.data,
                record.owner().map(Owner::as_str),
                record.label.as_deref(),
                millis(record.created_at),
                millis(record.last_seen),
                millis(record.expires_at),
                millis(record.deadline),
                record.lineage().map(Lineage::as_bytes),
                record.purpose.as_str(),
            ])?,
            Write::Replace { key, expected, record } => {
                let parameters = params![
                    key.as_bytes(),
                    column(*expected),
                    column(version),
                    &*record.data,
                    record.owner().map(Owner::as_str),
                    record.label.as_deref(),
                    millis(record.created_at),
                    millis(record.last_seen),
                    millis(record.expires_at),
                    millis(record.deadline),
                    record.lineage().map(Lineage::as_bytes),
                ];
                match self.replace.execute(parameters)? {
                    0 => self.replace_with_earlier_expiry.execute(parameters)?,
                    rows => rows,
                }
            }
            Write::Touch { key, expected, last_seen, expires_at } => {
                let parameters = params![key.as_bytes(), column(*expected), last_seen, expires_at];
                match self.touch.execute(parameters)? {
                    0 => self.touch_with_earlier_expiry.execute(parameters)?,
                    rows => rows,
                }
            }
            Write::Delete { key, expected } => {
                self.delete.execute(params![key.as_bytes(), column(*expected)])?
            }
            Write::DeleteOwnedBy { purpose, owner, spared } => {
                let spared = spared.as_ref().map(Lineage::as_bytes);
                self.delete_owned_by.execute(params![owner.as_str(), purpose.as_str(), spared])?
            }
            Write::Sweep { now, at_most } => {
                let removed = self.sweep.execute(params![now, (*at_most).min(SWEEP_STEP), SWEEP_STEP])?;
                let corrected = self.postpone_sweep.execute(params![now, SWEEP_STEP])?;
                has_more = (removed + corrected) as i64 >= SWEEP_STEP || removed as i64 >= *at_most;
                removed
            }
        };
        Ok(WriteOutcome { rows, version, has_more })
    }
}
