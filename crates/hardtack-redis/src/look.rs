use hardtack_core::store::StoreError;
use redis::Value;

use crate::error::{failed, strange};
use crate::link::Link;
use crate::script;
use crate::server::Kind;

/// A record's beginning, up to the first byte of its data, and how long it is; `None` if it is not there. A value that
/// is not a record comes with whatever bytes it begins with.
pub(crate) async fn look(
    link: &Link,
    record: &[u8],
    doing: &'static str,
) -> Result<Option<(Vec<u8>, usize)>, StoreError> {
    let answer = link.run(&script::LOOK, &[record], &[], Kind::Read).await.map_err(failed(doing))?;
    let Value::Array(parts) = answer else { return Err(strange(doing)) };
    let Ok([Value::BulkString(bytes), Value::Int(length)]) = <[Value; 2]>::try_from(parts) else {
        return Err(strange(doing));
    };
    let length = usize::try_from(length).map_err(|_| strange(doing))?;
    Ok((length > 0).then_some((bytes, length)))
}
