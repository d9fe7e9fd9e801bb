use std::future::Future;
use std::io;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, ConnectionInfo, RedisResult};
use tokio::time::timeout;

use crate::options::{RedisOptions, Replicas};

/// The timeouts and other settings of a connection.
#[derive(Debug, Clone)]
pub(crate) struct ConnectionSettings {
    connect_timeout: Duration,
    response_timeout: Duration,
    pub(crate) longest_pause: Duration,
    pub(crate) replicas: Option<Replicas>,
}

impl ConnectionSettings {
    pub(crate) fn new(options: &RedisOptions) -> Self {
        Self {
            connect_timeout: options.connect_timeout,
            response_timeout: options.response_timeout,
            longest_pause: options.longest_pause,
            replicas: options.replicas,
        }
    }

    pub(crate) async fn connect(&self, info: &ConnectionInfo) -> RedisResult<MultiplexedConnection> {
        let timeout = self.replicas.map_or(Duration::ZERO, |replicas| replicas.timeout);
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(None)
            .set_response_timeout(Some(self.response_timeout + timeout))
            .set_pipeline_buffer_size(MAX_QUEUED_COMMANDS);
        let client = Client::open(info.clone())?;
        self.within_timeout(client.get_multiplexed_async_connection_with_config(&config)).await
    }

    /// Runs one step of establishing a connection. Fails if the step takes longer than the connection timeout.
    pub(crate) async fn within_timeout<T>(
        &self,
        step: impl Future<Output = RedisResult<T>>,
    ) -> RedisResult<T> {
        match timeout(self.connect_timeout, step).await {
            Ok(result) => result,
            Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, "the connection timed out").into()),
        }
    }
}

/// The number of commands that can be queued for writing to a connection before further callers have to wait.
const MAX_QUEUED_COMMANDS: usize = 256;
