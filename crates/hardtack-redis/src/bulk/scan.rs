use hardtack_core::protocol::StoreKey;
use hardtack_core::store::StoreError;
use redis::Value;

use crate::connection::server::Server;
use crate::error::{failed, unexpected_reply};
use crate::record::keys::Keys;

/// The result of one step of a scan over a server's keys.
#[derive(Debug)]
pub(crate) struct ScanStep {
    /// The position of the next step, or 0 at the end.
    pub(crate) next: u64,
    /// The keys of the records that were found. A scan may return a key twice, but does not miss a key that exists
    /// throughout the scan.
    pub(crate) found: Vec<StoreKey>,
}

/// Runs one step of a scan from position `from`, which is 0 for the first step. Redis examines about `count` keys
/// before it serves other clients.
pub(crate) async fn scan(
    server: &Server,
    keys: &Keys,
    from: u64,
    count: usize,
    doing: &'static str,
) -> Result<ScanStep, StoreError> {
    let mut command = redis::cmd("SCAN");
    command.arg(from).arg("MATCH").arg(keys.pattern()).arg("COUNT").arg(count);
    let answer = server.read(&command).await.map_err(failed(doing))?;
    let Value::Array(parts) = answer else { return Err(unexpected_reply(doing)) };
    let Ok([Value::BulkString(next), Value::Array(found)]) = <[Value; 2]>::try_from(parts) else {
        return Err(unexpected_reply(doing));
    };
    let next = std::str::from_utf8(&next).ok().and_then(|next| next.parse().ok());
    let found = found.iter().filter_map(|key| match key {
        Value::BulkString(key) => keys.store_key(key),
        _ => None,
    });
    Ok(ScanStep { next: next.ok_or_else(|| unexpected_reply(doing))?, found: found.collect() })
}
