use redis::aio::MultiplexedConnection;
use redis::{ConnectionInfo, ErrorKind, RedisError, RedisResult, Value};

use crate::connection::ConnectionSettings;
use crate::connection::address::at;

/// Asks the Sentinels for the master's address, one after another, until one of them returns it.
pub(crate) async fn find_master(
    sentinels: &[ConnectionInfo],
    name: &str,
    master: &ConnectionInfo,
    settings: &ConnectionSettings,
) -> RedisResult<ConnectionInfo> {
    let mut last = RedisError::from((ErrorKind::EmptySentinelList, "no Sentinel address is known"));
    for sentinel in sentinels {
        match ask(sentinel, name, settings).await {
            Ok(Some((host, port))) => return Ok(at(master, &host, port)),
            Ok(None) => {
                let kind = ErrorKind::MasterNameNotFoundBySentinel;
                last = RedisError::from((kind, "no Sentinel knows a master with this name"));
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

async fn ask(
    sentinel: &ConnectionInfo,
    name: &str,
    settings: &ConnectionSettings,
) -> RedisResult<Option<(String, u16)>> {
    let mut connection = settings.connect(sentinel).await?;
    let mut command = redis::cmd("SENTINEL");
    command.arg("GET-MASTER-ADDR-BY-NAME").arg(name);
    settings.within_timeout(command.query_async(&mut connection)).await
}

/// Checks that the server is a master: a Sentinel may be out of date, and a replica would refuse writes.
pub(crate) async fn is_master(connection: &mut MultiplexedConnection) -> RedisResult<()> {
    let role: Value = redis::cmd("ROLE").query_async(connection).await?;
    let is_master = match &role {
        Value::Array(parts) => matches!(parts.first(), Some(Value::BulkString(role)) if role == b"master"),
        _ => false,
    };
    if is_master {
        return Ok(());
    }
    let kind = ErrorKind::MasterNameNotFoundBySentinel;
    Err(RedisError::from((kind, "the server that the Sentinels returned is not a master yet")))
}
