use hardtack_batch::{Lost, Pending, Refusal, RefusingSender};
use hardtack_core::protocol::{Lineage, StoreKey};
use hardtack_core::store::{Listed, Row, StoreError, Stored, Summary};

use crate::write::{OwnerKey, Write, WriteOutcome};

/// The channel through which a request receives its answer.
pub(crate) type Reply<T> = hardtack_batch::Reply<Result<T, StoreError>>;

/// A read that waits for a worker.
#[derive(Debug)]
pub(crate) enum ReadRequest {
    Load {
        key: StoreKey,
        reply: Reply<Option<Stored>>,
    },
    OwnedBy {
        owner_key: OwnerKey,
        after: Box<[u8]>,
        size: usize,
        reply: Reply<Vec<Row<Summary>>>,
    },
    HasOthers {
        owner_key: OwnerKey,
        spared: Option<Lineage>,
        reply: Reply<bool>,
    },
    Page {
        after: Box<[u8]>,
        size: usize,
        reply: Reply<Vec<Row<Listed>>>,
    },
    /// Reads the server's time.
    Clock {
        reply: Reply<i64>,
    },
}

/// A write that waits for a worker.
pub(crate) type WriteRequest = Pending<Write, Result<WriteOutcome, StoreError>>;

pub(crate) const LOADING: &str = "loading a session";
pub(crate) const LISTING: &str = "listing a user's sessions";
pub(crate) const PAGING: &str = "listing sessions";
pub(crate) const READING_CLOCK: &str = "reading the database's time";

/// Sends a request to a worker, and returns a future that waits for its answer.
///
/// The request is sent at once, so that the future does not contain it. Dropping the future does not cancel a write.
pub(crate) fn submit<Q, T, F: FnOnce(Reply<T>) -> Q>(
    queue: &RefusingSender<Q>,
    doing: &'static str,
    request: F,
) -> impl Future<Output = Result<T, StoreError>> + use<Q, T, F> {
    let sent = queue.send(request);
    async move {
        match sent {
            Ok(answer) => answer.await.unwrap_or_else(|Lost| Err(workers_ended(doing))),
            Err(Refusal::Closed) => Err(workers_ended(doing)),
            Err(Refusal::Full) => Err(StoreError::new(
                doing,
                "too many requests are already waiting for the database, so this one was not started: allow more \
                 connections, or use a faster server",
            )),
        }
    }
}

fn workers_ended(doing: &'static str) -> StoreError {
    StoreError::new(
        doing,
        "the store's tasks have ended with the runtime that it was connected in; connect it inside the one that serves \
         requests",
    )
}
