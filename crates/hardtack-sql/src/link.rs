use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout};

use crate::engine::{Engine, Failure, State};
use crate::metrics::Counting;

/// How long no connection is attempted after the first failed attempt; the pause doubles with each further failure.
const FIRST_PAUSE: Duration = Duration::from_millis(25);
const MAX_PAUSE: Duration = Duration::from_secs(1);

/// A connection that is made on demand, and replaced after it breaks.
#[derive(Debug)]
pub(crate) struct Link<E: Engine> {
    pub(crate) engine: Arc<E>,
    counting: Arc<Counting>,
    patience: Duration,
    connection: Option<E::Connection>,
    /// Why there is no connection, and when the next attempt is allowed.
    outage: Option<Outage>,
}

#[derive(Debug)]
struct Outage {
    failure: Failure,
    until: Instant,
    pause: Duration,
}

impl<E: Engine> Link<E> {
    pub(crate) fn new(engine: Arc<E>, counting: Arc<Counting>, patience: Duration) -> Self {
        Self { engine, counting, patience, connection: None, outage: None }
    }

    /// Returns the connection, connecting if necessary. While the server is unreachable, requests fail immediately,
    /// except for an occasional new attempt.
    pub(crate) async fn connection(&mut self) -> Result<&mut E::Connection, Failure> {
        let mut usable = self.connection.take();
        if let Some(connection) = &mut usable {
            let alive = Self::within(self.patience, async { Ok(E::is_alive(connection).await) });
            if !matches!(alive.await, Ok(true)) {
                usable = None;
            }
        }
        let connection = match usable {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        Ok(self.connection.insert(connection))
    }

    /// Waits for an answer, up to `patience`.
    pub(crate) async fn within<T>(
        patience: Duration,
        answer: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        match timeout(patience, answer).await {
            Ok(result) => result,
            Err(_) => Err(Failure::unknown(format!("{} did not answer within {patience:?}", E::NAME))),
        }
    }

    pub(crate) fn patience(&self) -> Duration {
        self.patience
    }

    /// Drops the connection after a failure that leaves its state unknown.
    pub(crate) fn note(&mut self, failure: &Failure) {
        if failure.state == State::Unknown {
            self.connection = None;
        }
    }

    async fn connect(&mut self) -> Result<E::Connection, Failure> {
        if let Some(outage) = &self.outage
            && Instant::now() < outage.until
        {
            return Err(outage.failure.clone());
        }
        match Self::within(self.patience, self.engine.connect()).await {
            Ok(connection) => {
                self.counting.connected();
                if self.outage.take().is_some() {
                    tracing::info!(engine = E::NAME, "the session database is reached again");
                }
                Ok(connection)
            }
            Err(failure) => {
                let pause = match &self.outage {
                    None => {
                        let error = &failure.cause;
                        tracing::warn!(engine = E::NAME, %error, "the session database cannot be reached");
                        FIRST_PAUSE
                    }
                    Some(before) => (before.pause * 2).min(MAX_PAUSE),
                };
                let until = Instant::now() + pause;
                self.outage = Some(Outage { failure: failure.clone(), until, pause });
                Err(failure)
            }
        }
    }
}
