use std::error::Error as _;

use hardtack_core::store::{LEFT_OUT, LeftOut, StoreError};
use redis::Value;

use crate::connection::server::CommandKind;
use crate::error::{failed, unexpected_reply};
use crate::request::script;
use crate::servers::Servers;

/// Returns the bytes of a record up to the first byte of its data, and the record's total length, or `None` if the key
/// does not exist. For a value that is not a record, returns at most its first 82 bytes, and 1 instead of the length.
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

/// Returns a record that was read for a listing. If the record exists but cannot be decoded, adds it to `left_out` and
/// returns `None`.
///
/// # Errors
///
/// Fails if the record could not be read because of a failure of the server. The whole listing then fails.
pub(crate) fn unless_unreadable<T>(
    read: Result<T, StoreError>,
    left_out: &mut Option<LeftOut>,
) -> Result<Option<T>, StoreError> {
    match read {
        Ok(record) => Ok(Some(record)),
        Err(error) if error.is_unreadable() => {
            LeftOut::note(left_out, error);
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Logs how many records a listing omitted, and why the first of them could not be decoded.
pub(crate) fn log_omitted(left_out: Option<&LeftOut>) {
    let Some(left_out) = left_out else { return };
    tracing::error!(
        count = left_out.count,
        source = left_out.first.source().map(tracing::field::display),
        "{LEFT_OUT}"
    );
}
