use hardtack_core::store::StoreError;
use redis::Value;

use crate::bulk::scan::scan;
use crate::connection::server::CommandKind;
use crate::error::{CONNECTING, failed, unexpected_reply};
use crate::record::encoding::FORMAT;
use crate::record::keys::Keys;
use crate::servers::Servers;

/// The approximate number of keys that a server examines in one step. The check for records in an older format takes up
/// to `MAX_STEPS` steps per server.
const SCAN_COUNT: usize = 1000;
const MAX_STEPS: usize = 100;

/// Refuses a database whose records do not have the format that this program writes, and marks a new database with the
/// format number.
///
/// The format number is stored under a key of its own. If this key is missing, the database is either new or older than
/// the mark; the formats of a few existing records decide which. The scan covers only a part of a large database. A
/// record in another format that the scan does not find is still refused when it is read.
///
/// # Errors
///
/// Fails if the database has another format. The error says why the records cannot be used, and what to do.
pub(crate) async fn check(servers: &Servers, keys: &Keys) -> Result<(), StoreError> {
    let mark = keys.format_mark();
    let current = FORMAT.to_string();
    let mut get = redis::cmd("GET");
    match servers.read(&mark, get.arg(&mark)).await.map_err(failed(CONNECTING))? {
        Value::BulkString(found) if found == current.as_bytes() => return Ok(()),
        Value::BulkString(_) => return Err(StoreError::new(CONNECTING, other(keys))),
        Value::Nil => {}
        _ => return Err(unexpected_reply(CONNECTING)),
    }
    if has_others(servers, keys).await? {
        return Err(StoreError::new(CONNECTING, older(keys)));
    }
    let mut set = redis::cmd("SET");
    // A failure is ignored: the next program that connects repeats the check.
    drop(servers.send(&mark, set.arg(&mark).arg(current), CommandKind::Read).await);
    Ok(())
}

async fn has_others(servers: &Servers, keys: &Keys) -> Result<bool, StoreError> {
    for server in servers.masters().await.map_err(failed(CONNECTING))?.servers {
        let mut from = 0;
        for _ in 0..MAX_STEPS {
            let step = scan(&server, keys, from, SCAN_COUNT, CONNECTING).await?;
            if let Some(key) = step.found.first() {
                let record = keys.record(key);
                let mut first = redis::cmd("GETRANGE");
                let first = servers.read(&record, first.arg(&record).arg(0).arg(0)).await;
                // A value that is not a string, or that was deleted in the meantime, is not a session record.
                if let Ok(Value::BulkString(form)) = first
                    && form.first().is_some_and(|form| *form != FORMAT)
                {
                    return Ok(true);
                }
            }
            if step.next == 0 {
                break;
            }
            from = step.next;
        }
    }
    Ok(false)
}

fn older(keys: &Keys) -> String {
    let prefix = keys.prefix();
    format!(
        "the keys that start with {prefix:?} contain sessions in an older format; they cannot be migrated, \
         because their keys are not bound to a purpose: delete them, or set another prefix; all users must log in \
         again"
    )
}

fn other(keys: &Keys) -> String {
    let prefix = keys.prefix();
    format!(
        "the keys that start with {prefix:?} contain sessions in a format that this program does not support: run \
         the release of hardtack-redis that wrote them, or set another prefix"
    )
}
