use std::collections::HashMap;
use std::sync::Arc;

use hardtack_core::session::StoreKey;
use hardtack_core::store::{Row, StoreError, Stored};

use crate::engine::{Done, Engine, Failure, State, Write};
use crate::job::{ENDING, Job, LISTING, LOADING, PAGING, Read, Reply, TELLING_TIME};
use crate::link::Link;
use crate::metrics::Counting;
use crate::query::{Clock, HasOthers, Load, OwnedBy, Page, Query};
use crate::queue::Queue;

/// The maximum number of requests sent together: enough to make a round trip cheap, few enough that the first request
/// does not wait long for the last.
const GROUP: usize = 256;

/// The size in bytes at which a batch is full; later requests wait for the next batch.
const MAX_BATCH_BYTES: usize = 1 << 20;

/// The number of times that a write is attempted when the server refuses it because of a conflict.
const ATTEMPTS: u32 = 5;

/// A worker that serves a queue with one connection: it takes the waiting requests, sends them as one batch, answers,
/// and repeats.
#[derive(Debug)]
pub(crate) struct Lane<E: Engine, J> {
    pub(crate) link: Link<E>,
    pub(crate) queue: Arc<Queue<J>>,
    pub(crate) counting: Arc<Counting>,
}

impl<E: Engine> Lane<E, Read> {
    /// Runs until the queue is closed and empty.
    pub(crate) async fn read(mut self) {
        while let Some(group) = self.queue.take(GROUP, MAX_BATCH_BYTES).await {
            let taken = group.len();
            let mut loads: HashMap<StoreKey, Vec<_>> = HashMap::with_capacity(group.len());
            let mut count = 0;
            for read in group {
                match read {
                    Read::Load { key, reply } => {
                        loads.entry(key).or_default().push(reply);
                        count += 1;
                    }
                    Read::OwnedBy { whose, after, size, reply } => {
                        let query = OwnedBy { whose: &whose, after: &after, size };
                        let listed = self.ask(&query).await;
                        self.answer_with_rows(reply, listed, LISTING);
                    }
                    Read::HasOthers { whose, spared, reply } => {
                        let left = self.ask(&HasOthers { whose: &whose, spared: spared.as_ref() }).await;
                        self.answer(reply, left.map_err(|failure| failure.to_error(ENDING)));
                    }
                    Read::Page { after, size, reply } => {
                        let listed = self.ask(&Page { after: &after, size }).await;
                        self.answer_with_rows(reply, listed, PAGING);
                    }
                    Read::Clock { reply } => {
                        let time = self.ask(&Clock).await;
                        self.answer(reply, time.map_err(|failure| failure.to_error(TELLING_TIME)));
                    }
                }
            }
            if count > 0 {
                self.load_all(loads, count).await;
                self.queue.gather(GROUP).await;
            }
            self.queue.done(taken);
        }
    }

    async fn load_all(&mut self, mut waiting: HashMap<StoreKey, Vec<Reply<Option<Stored>>>>, count: usize) {
        let keys: Vec<StoreKey> = waiting.keys().copied().collect();
        let loaded = self.ask(&Load(&keys)).await;
        // Counted before the answers are sent, so that callers find their own requests counted.
        self.counting.loaded(count);
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

    /// Sends a query, and retries it once on a new connection: the old one may have been closed long ago, and a read
    /// changes nothing.
    async fn ask<Q: Query>(&mut self, query: &Q) -> Result<Q::Answer, Failure> {
        match self.ask_once(query).await {
            Err(Failure { state: State::InTheWay | State::Unknown, .. }) => self.ask_once(query).await,
            result => result,
        }
    }

    async fn ask_once<Q: Query>(&mut self, query: &Q) -> Result<Q::Answer, Failure> {
        let (engine, patience) = (Arc::clone(&self.link.engine), self.link.patience());
        let connection = self.link.connection().await?;
        let result = Link::<E>::within(patience, query.run(&*engine, connection)).await;
        result.inspect_err(|failure| self.link.note(failure))
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
            self.counting.failed();
        }
        // A failed send means that the client disconnected and no longer waits for the result.
        drop(reply.send(result));
    }
}

impl<E: Engine> Lane<E, Job> {
    /// Runs until the queue is closed and empty.
    pub(crate) async fn write(mut self) {
        while let Some(mut group) = self.queue.take(GROUP, MAX_BATCH_BYTES).await {
            group.sort_by(|one, other| one.write.key().cmp(&other.write.key()));
            let (writes, replies): (Vec<Write>, Vec<_>) =
                group.into_iter().map(|job| (job.write, job.reply)).unzip();
            let results = self.carry_out(&writes).await;
            self.counting.wrote(writes.len());
            self.queue.done(writes.len());
            for ((write, reply), result) in writes.iter().zip(replies).zip(results) {
                if result.is_err() {
                    self.counting.failed();
                }
                // A failed send means that the client disconnected; the write still counts.
                drop(reply.send(result.map_err(|failure| failure.to_error(write.doing()))));
            }
            self.queue.gather(GROUP).await;
        }
    }

    /// Sends the whole batch first. Then it retries, one by one, the writes that the server refused as a whole, so that
    /// a bad write fails only itself. A write whose outcome is unknown is never sent again.
    async fn carry_out(&mut self, writes: &[Write]) -> Vec<Result<Done, Failure>> {
        let mut results = self.send(writes).await;
        for (write, result) in writes.iter().zip(&mut results) {
            let mut attempts = 1;
            while let Err(failure) = &*result {
                let may_go_well = match failure.state {
                    State::Unknown => false,
                    State::Refused | State::Unreadable => attempts == 1 && writes.len() > 1,
                    State::InTheWay => attempts < ATTEMPTS,
                };
                if !may_go_well {
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

    async fn send(&mut self, writes: &[Write]) -> Vec<Result<Done, Failure>> {
        let (engine, patience) = (Arc::clone(&self.link.engine), self.link.patience());
        let answers = match self.link.connection().await {
            Ok(connection) => {
                let answers = async { Ok(engine.write(connection, writes).await) };
                Link::<E>::within(patience, answers).await
            }
            Err(failure) => Err(failure),
        };
        let results = match answers {
            Ok(results) => results,
            Err(failure) => vec![Err(failure); writes.len()],
        };
        for failure in results.iter().filter_map(|result| result.as_ref().err()) {
            self.link.note(failure);
        }
        results
    }
}
