use hardtack_batch::{BatchSender, Pending, Refusal, Weigh};
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

/// Sends a request to a worker and waits for its answer.
///
/// Dropping the future does not cancel a write that is already in the queue.
pub(crate) async fn submit<Q: Weigh, T>(
    queue: &BatchSender<Q>,
    doing: &'static str,
    request: impl FnOnce(Reply<T>) -> Q,
) -> Result<T, StoreError> {
    queue.ask(request).await.unwrap_or_else(|refusal| Err(refused(doing, refusal)))
}

fn refused(doing: &'static str, refusal: Refusal) -> StoreError {
    let why = match refusal {
        Refusal::Closed => {
            "the store's tasks ended with the runtime in which it was connected: connect it in the runtime that \
             serves requests"
        }
        Refusal::Full => {
            "too many requests are already waiting for the database, so this one was not started: allow more \
             connections, or use a faster server"
        }
    };
    StoreError::new(doing, why)
}

impl Weigh for ReadRequest {
    fn weight(&self) -> usize {
        0
    }
}
