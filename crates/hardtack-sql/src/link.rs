use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout};

use crate::counters::Counting;
use crate::engine::{Engine, Failure, State};

/// For how long nobody tries to connect again after an attempt failed; twice as long after each that follows.
const FIRST_PAUSE: Duration = Duration::from_millis(25);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// One connection that is made when it is needed, and made again when it broke.
#[derive(Debug)]
pub(crate) struct Link<E: Engine> {
    pub(crate) engine: Arc<E>,
    counting: Arc<Counting>,
    patience: Duration,
    connection: Option<E::Connection>,
    /// Why there is none, and until when nobody tries again.
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

    /// The connection, made if need be. While the server is out of reach, requests fail without waiting for it, but for
    /// one in a while.
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

    /// Waits for an answer no longer than it may take.
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

    /// Gives the connection up after a failure that leaves nobody knowing what it will say next.
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
                    Some(before) => (before.pause * 2).min(LONGEST_PAUSE),
                };
                let until = Instant::now() + pause;
                self.outage = Some(Outage { failure: failure.clone(), until, pause });
                Err(failure)
            }
        }
    }
}
