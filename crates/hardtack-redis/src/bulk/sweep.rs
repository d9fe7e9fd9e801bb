use futures_util::future::try_join_all;
use hardtack_core::protocol::StoreKey;
use hardtack_core::store::StoreError;
use redis::Value;

use crate::bulk::owner_index::OwnerIndex;
use crate::bulk::scan::scan;
use crate::connection::server::CommandKind;
use crate::error::{failed, unexpected_reply};
use crate::request::script;
use crate::servers::Servers;

const SWEEPING: &str = "sweeping expired sessions";

/// The approximate number of keys that Redis examines in one step, before it serves other clients.
const SCAN_COUNT: usize = 512;

/// The maximum number of records that are requested concurrently.
const MAX_CONCURRENT_READS: usize = 128;

/// Scans all keys, and removes up to `at_most` records that expired at or before `now` (milliseconds since 1970).
/// Returns their number.
pub(crate) async fn sweep(
    servers: &Servers,
    owner_index: &OwnerIndex,
    now: i64,
    at_most: usize,
) -> Result<usize, StoreError> {
    let mut swept = 0;
    for server in servers.masters().await.map_err(failed(SWEEPING))?.servers {
        let mut from = 0;
        while swept < at_most {
            let step = scan(&server, owner_index.keys(), from, SCAN_COUNT, SWEEPING).await?;
            let mut keys = &step.found[..];
            while swept < at_most && !keys.is_empty() {
                let (chunk, rest) = keys.split_at(keys.len().min(MAX_CONCURRENT_READS).min(at_most - swept));
                let chunk = chunk.iter().map(|key| sweep_one(servers, owner_index, key, now));
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

async fn sweep_one(
    servers: &Servers,
    owner_index: &OwnerIndex,
    key: &StoreKey,
    now: i64,
) -> Result<bool, StoreError> {
    let (name, now) = (owner_index.keys().record(key), now.to_string());
    let answer = servers.run(&script::SWEEP, &[&name], &[now.as_bytes()], CommandKind::Write).await;
    match answer.map_err(failed(SWEEPING))? {
        Value::Int(done) => Ok(done == 1),
        Value::BulkString(former) => {
            owner_index.remove_former_soon(key, &former);
            Ok(true)
        }
        _ => Err(unexpected_reply(SWEEPING)),
    }
}
