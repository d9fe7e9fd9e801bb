use std::collections::HashMap;
use std::sync::Arc;

use hardtack_batch::{BatchReceiver, Pending};
use hardtack_core::protocol::StoreKey;
use hardtack_core::store::{Row, StoreError, Stored};

use crate::connection::query::{ClockQuery, HasOthersQuery, LoadQuery, OwnedByQuery, PageQuery, Query};
use crate::connection::reconnecting_connection::ReconnectingConnection;
use crate::connection::request::{LISTING, LOADING, PAGING, READING_CLOCK, ReadRequest, Reply, WriteRequest};
use crate::engine::Engine;
use crate::failure::{Failure, FailureKind};
use crate::metrics::Metrics;
use crate::write::{ENDING, Write, WriteOutcome};

/// The maximum number of times that a write is attempted when the server refuses it because of a conflict.
const MAX_ATTEMPTS: u32 = 5;

/// A worker that serves a queue with one connection: it takes waiting requests, sends them as one batch, returns the
/// results, and repeats.
#[derive(Debug)]
pub(crate) struct Worker<E: Engine, Q> {
    pub(crate) connection: ReconnectingConnection<E>,
    pub(crate) receiver: BatchReceiver<Q>,
    pub(crate) metrics: Arc<Metrics>,
}

impl<E: Engine> Worker<E, ReadRequest> {
    /// Runs until the queue is closed and empty.
    pub(crate) async fn read(mut self) {
        let mut batch = Vec::new();
        while self.receiver.take(&mut batch).await {
            let mut loads: HashMap<StoreKey, Vec<_>> = HashMap::with_capacity(batch.len());
            let mut count = 0;
            for read in batch.drain(..) {
                match read {
                    ReadRequest::Load { key, reply } => {
                        loads.entry(key).or_default().push(reply);
                        count += 1;
                    }
                    ReadRequest::OwnedBy { owner_key, after, size, reply } => {
                        let query = OwnedByQuery { owner_key: &owner_key, after: &after, size };
                        let listed = self.query(&query).await;
                        self.answer_with_rows(reply, listed, LISTING);
                    }
                    ReadRequest::HasOthers { owner_key, spared, reply } => {
                        let left = self
                            .query(&HasOthersQuery { owner_key: &owner_key, spared: spared.as_ref() })
                            .await;
                        self.answer(reply, left.map_err(|failure| failure.to_error(ENDING)));
                    }
                    ReadRequest::Page { after, size, reply } => {
                        let listed = self.query(&PageQuery { after: &after, size }).await;
                        self.answer_with_rows(reply, listed, PAGING);
                    }
                    ReadRequest::Clock { reply } => {
                        let time = self.query(&ClockQuery).await;
                        self.answer(reply, time.map_err(|failure| failure.to_error(READING_CLOCK)));
                    }
                }
            }
            if count > 0 {
                self.load_all(loads, count).await;
                self.receiver.gather().await;
            }
        }
    }

    async fn load_all(&mut self, mut waiting: HashMap<StoreKey, Vec<Reply<Option<Stored>>>>, count: usize) {
        let keys: Vec<StoreKey> = waiting.keys().copied().collect();
        let loaded = self.query(&LoadQuery(&keys)).await;
        // The loads are counted before the answers are sent, so that a caller that has its answer finds its own request
        // in the metrics.
        self.metrics.loaded(count);
        match loaded {
            Ok(records) => {
                for (key, loaded) in records {
                    for reply in waiting.remove(&key).unwrap_or_default() {
                        let answer = loaded.as_ref().map(|stored| Some(stored.clone()));
                        self.answer(reply, answer.map_err(|failure| failure.to_error(LOADING)));
                    }
                }
                for reply in waiting.into_values().flatten() {
                    self.answer(reply, Ok(None));
                }
            }
            Err(failure) => {
                for reply in waiting.into_values().flatten() {
                    self.answer(reply, Err(failure.to_error(LOADING)));
                }
            }
        }
    }

    /// Sends a query, and retries it once after a conflict or an unknown outcome; in the latter case, on a new
    /// connection, because the server may have closed the old one long ago. A retry is safe, because a read changes
    /// nothing.
    async fn query<Q: Query>(&mut self, query: &Q) -> Result<Q::Output, Failure> {
        match self.query_once(query).await {
            Err(Failure { kind: FailureKind::Conflict | FailureKind::Unknown, .. }) => {
                self.query_once(query).await
            }
            result => result,
        }
    }

    async fn query_once<Q: Query>(&mut self, query: &Q) -> Result<Q::Output, Failure> {
        let (engine, timeout) = (Arc::clone(&self.connection.engine), self.connection.timeout());
        let connection = self.connection.get().await?;
        let result = ReconnectingConnection::<E>::within(timeout, query.run(&*engine, connection)).await;
        result.inspect_err(|failure| self.connection.note_failure(failure))
    }

    fn answer_with_rows<T>(
        &self,
        reply: Reply<Vec<Row<T>>>,
        result: Result<Vec<Row<T, Failure>>, Failure>,
        doing: &'static str,
    ) {
        let error = |failure: Failure| failure.to_error(doing);
        let rows = |rows: Vec<Row<T, Failure>>| {
            rows.into_iter().map(|(key, row)| (key, row.map_err(error))).collect()
        };
        self.answer(reply, result.map(rows).map_err(error));
    }

    fn answer<T>(&self, reply: Reply<T>, result: Result<T, StoreError>) {
        if result.is_err() {
            self.metrics.failed();
        }
        // A failed send means that the client disconnected and no longer waits for the result.
        drop(reply.send(result));
    }
}

impl<E: Engine> Worker<E, WriteRequest> {
    /// Runs until the queue is closed and empty.
    pub(crate) async fn write(mut self) {
        let mut batch = Vec::new();
        while self.receiver.take(&mut batch).await {
            batch.sort_by(|one, other| one.request.key().cmp(&other.request.key()));
            let (writes, replies) = Pending::split(&mut batch);
            let results = self.execute(&writes).await;
            self.metrics.wrote(writes.len());
            self.receiver.finish();
            for ((write, reply), result) in writes.iter().zip(replies).zip(results) {
                if result.is_err() {
                    self.metrics.failed();
                }
                // A failed send means that the client disconnected; the write still counts.
                drop(reply.send(result.map_err(|failure| failure.to_error(write.doing()))));
            }
            self.receiver.gather().await;
        }
    }

    /// Sends the whole batch first, and then retries some failed writes one by one. A write that the server refused is
    /// retried once if it was part of a larger batch, so that one invalid write does not make the others fail. A write
    /// that failed because of a conflict is retried several times. A write whose outcome is unknown is never sent
    /// again.
    async fn execute(&mut self, writes: &[Write]) -> Vec<Result<WriteOutcome, Failure>> {
        let mut results = self.send(writes).await;
        for (write, result) in writes.iter().zip(&mut results) {
            let mut attempts = 1;
            while let Err(failure) = &*result {
                let may_succeed = match failure.kind {
                    FailureKind::Unknown => false,
                    FailureKind::Refused | FailureKind::Unreadable => attempts == 1 && writes.len() > 1,
                    FailureKind::Conflict => attempts < MAX_ATTEMPTS,
                };
                if !may_succeed {
                    break;
                }
                attempts += 1;
                let mut again = self.send(std::slice::from_ref(write)).await;
                match again.pop() {
                    Some(second) => *result = second,
                    None => break,
                }
            }
        }
        results
    }

    async fn send(&mut self, writes: &[Write]) -> Vec<Result<WriteOutcome, Failure>> {
        let (engine, timeout) = (Arc::clone(&self.connection.engine), self.connection.timeout());
        let answers = match self.connection.get().await {
            Ok(connection) => {
                let answers = async { Ok(engine.write(connection, writes).await) };
                ReconnectingConnection::<E>::within(timeout, answers).await
            }
            Err(failure) => Err(failure),
        };
        let results = match answers {
            Ok(results) => results,
            Err(failure) => vec![Err(failure); writes.len()],
        };
        for failure in results.iter().filter_map(|result| result.as_ref().err()) {
            self.connection.note_failure(failure);
        }
        results
    }
}
