use futures_util::future::try_join_all;
use hardtack_core::session::StoreKey;
use hardtack_core::store::StoreError;
use redis::Value;

use crate::error::{failed, strange};
use crate::link::Link;
use crate::owners::Owners;
use crate::scan::scan;
use crate::script;
use crate::server::Kind;

const SWEEPING: &str = "sweeping expired sessions";

/// The number of keys that Redis examines before it serves other clients.
const STEP: usize = 512;

/// The number of records that are requested at once.
const AT_ONCE: usize = 128;

/// Scans all keys, and removes the records that expired at or before `now` (in milliseconds).
pub(crate) async fn sweep(
    link: &Link,
    owners: &Owners,
    now: i64,
    at_most: usize,
) -> Result<usize, StoreError> {
    let mut swept = 0;
    for server in link.masters().await.map_err(failed(SWEEPING))?.servers {
        let mut from = 0;
        while swept < at_most {
            let step = scan(&server, owners.keys(), from, STEP, SWEEPING).await?;
            let mut keys = &step.found[..];
            while swept < at_most && !keys.is_empty() {
                let (chunk, rest) = keys.split_at(keys.len().min(AT_ONCE).min(at_most - swept));
                let chunk = chunk.iter().map(|key| sweep_one(link, owners, key, now));
                swept += try_join_all(chunk).await?.into_iter().filter(|is_swept| *is_swept).count();
                keys = rest;
            }
            if step.next == 0 {
                break;
            }
            from = step.next;
        }
    }
    Ok(swept)
}

async fn sweep_one(link: &Link, owners: &Owners, key: &StoreKey, now: i64) -> Result<bool, StoreError> {
    let (name, now) = (owners.keys().record(key), now.to_string());
    let answer = link.run(&script::SWEEP, &[&name], &[now.as_bytes()], Kind::Write).await;
    match answer.map_err(failed(SWEEPING))? {
        Value::Int(done) => Ok(done == 1),
        Value::BulkString(former) => {
            owners.forget_former(key, &former);
            Ok(true)
        }
        _ => Err(strange(SWEEPING)),
    }
}
