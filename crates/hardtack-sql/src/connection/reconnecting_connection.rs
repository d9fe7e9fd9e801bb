use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{self, Instant};

use crate::engine::Engine;
use crate::failure::{Failure, FailureKind};
use crate::metrics::Metrics;

/// The pause after the first failed attempt to connect. Each further failure doubles the pause, up to `MAX_PAUSE`.
const MIN_PAUSE: Duration = Duration::from_millis(25);
const MAX_PAUSE: Duration = Duration::from_secs(1);

/// A connection that is made on demand, and replaced after it breaks.
#[derive(Debug)]
pub(crate) struct ReconnectingConnection<E: Engine> {
    pub(crate) engine: Arc<E>,
    metrics: Arc<Metrics>,
    timeout: Duration,
    current: Option<E::Connection>,
    /// The last failed attempt to connect, or `None` if the last attempt succeeded.
    outage: Option<Outage>,
}

#[derive(Debug)]
struct Outage {
    failure: Failure,
    retry_at: Instant,
    pause: Duration,
}

impl<E: Engine> ReconnectingConnection<E> {
    pub(crate) fn new(engine: Arc<E>, metrics: Arc<Metrics>, timeout: Duration) -> Self {
        Self { engine, metrics, timeout, current: None, outage: None }
    }

    /// Returns the connection, connecting if necessary. While the server is unreachable, requests fail immediately,
    /// except for an occasional request that attempts to connect.
    pub(crate) async fn get(&mut self) -> Result<&mut E::Connection, Failure> {
        let mut usable = self.current.take();
        if let Some(connection) = &mut usable {
            let alive = Self::within(self.timeout, async { Ok(E::is_alive(connection).await) });
            if !matches!(alive.await, Ok(true)) {
                usable = None;
            }
        }
        let connection = match usable {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        Ok(self.current.insert(connection))
    }

    /// Waits for an answer, for at most `timeout`.
    pub(crate) async fn within<T>(
        timeout: Duration,
        answer: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        match time::timeout(timeout, answer).await {
            Ok(result) => result,
            Err(_) => Err(Failure::unknown(format!("{} did not respond within {timeout:?}", E::NAME))),
        }
    }

    pub(crate) fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Drops the connection after a failure that leaves its state unknown.
    pub(crate) fn note_failure(&mut self, failure: &Failure) {
        if failure.kind == FailureKind::Unknown {
            self.current = None;
        }
    }

    async fn connect(&mut self) -> Result<E::Connection, Failure> {
        if let Some(outage) = &self.outage
            && Instant::now() < outage.retry_at
        {
            return Err(outage.failure.clone());
        }
        match Self::within(self.timeout, self.engine.connect()).await {
            Ok(connection) => {
                self.metrics.connected();
                if self.outage.take().is_some() {
                    tracing::info!(engine = E::NAME, "the session database can be reached again");
                }
                Ok(connection)
            }
            Err(failure) => {
                let pause = match &self.outage {
                    None => {
                        let error = &failure.cause;
                        tracing::warn!(engine = E::NAME, %error, "the session database cannot be reached");
                        MIN_PAUSE
                    }
                    Some(before) => (before.pause * 2).min(MAX_PAUSE),
                };
                let retry_at = Instant::now() + pause;
                self.outage = Some(Outage { failure: failure.clone(), retry_at, pause });
                Err(failure)
            }
        }
    }
}
