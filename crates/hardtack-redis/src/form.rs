use hardtack_core::store::StoreError;
use redis::Value;

use crate::error::{CONNECTING, failed, strange};
use crate::keys::Keys;
use crate::link::Link;
use crate::record::FORM;
use crate::scan::scan;
use crate::server::Kind;

/// How many keys a server looks at in one step, and how many steps are taken to find a record of an older form.
const STEP: usize = 1000;
const MOST_STEPS: usize = 100;

/// Refuses a database whose records have another form than this program writes, and marks a new one.
///
/// The form is kept under a key of its own. Where there is none, the database is new, or older than the mark: then the
/// first records that are found tell. Only a bounded part of a large database is walked over for that; a record that was
/// not found is still refused when it is read.
///
/// # Errors
///
/// A sentence that says why the records cannot be carried over, and what to do.
pub(crate) async fn check(link: &Link, keys: &Keys) -> Result<(), StoreError> {
    let mark = keys.form();
    let current = FORM.to_string();
    let mut get = redis::cmd("GET");
    match link.read(&mark, get.arg(&mark)).await.map_err(failed(CONNECTING))? {
        Value::BulkString(found) if found == current.as_bytes() => return Ok(()),
        Value::BulkString(_) => return Err(StoreError::new(CONNECTING, other(keys))),
        Value::Nil => {}
        _ => return Err(strange(CONNECTING)),
    }
    if has_others(link, keys).await? {
        return Err(StoreError::new(CONNECTING, older(keys)));
    }
    let mut set = redis::cmd("SET");
    // If it fails, the next program that connects looks again.
    drop(link.send(&mark, set.arg(&mark).arg(current), Kind::Read).await);
    Ok(())
}

async fn has_others(link: &Link, keys: &Keys) -> Result<bool, StoreError> {
    for server in link.masters().await.map_err(failed(CONNECTING))?.servers {
        let mut from = 0;
        for _ in 0..MOST_STEPS {
            let step = scan(&server, keys, from, STEP, CONNECTING).await?;
            if let Some(key) = step.found.first() {
                let record = keys.record(key);
                let mut first = redis::cmd("GETRANGE");
                let first = link.read(&record, first.arg(&record).arg(0).arg(0)).await;
                // What is not a string, or has gone meanwhile, is not one of our records.
                if let Ok(Value::BulkString(form)) = first
                    && form.first().is_some_and(|form| *form != FORM)
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
        "the keys that begin with {prefix:?} hold sessions of an older form; they cannot be carried over, because their \
         keys are not bound to a purpose: delete them, or set another prefix; everyone logs in again"
    )
}

fn other(keys: &Keys) -> String {
    let prefix = keys.prefix();
    format!(
        "the keys that begin with {prefix:?} hold sessions of a form that this program does not know; run the release of \
         hardtack-redis that wrote them, or set another prefix"
    )
}
