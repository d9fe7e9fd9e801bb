use hardtack_core::store::StoreError;
use redis::Value;

use crate::error::{failed, unexpected_reply};
use crate::script;
use crate::server::CommandKind;
use crate::servers::Servers;

/// Returns a record up to the first byte of its data, and its total length, or `None` if it does not exist. For a value
/// that is not a record, returns its first bytes.
pub(crate) async fn peek(
    servers: &Servers,
    record: &[u8],
    doing: &'static str,
) -> Result<Option<(Vec<u8>, usize)>, StoreError> {
    let answer =
        servers.run(&script::PEEK, &[record], &[], CommandKind::Read).await.map_err(failed(doing))?;
    let Value::Array(parts) = answer else { return Err(unexpected_reply(doing)) };
    let Ok([Value::BulkString(bytes), Value::Int(length)]) = <[Value; 2]>::try_from(parts) else {
        return Err(unexpected_reply(doing));
    };
    let length = usize::try_from(length).map_err(|_| unexpected_reply(doing))?;
    Ok((length > 0).then_some((bytes, length)))
}
