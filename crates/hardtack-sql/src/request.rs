use hardtack_core::protocol::{Lineage, StoreKey};
use hardtack_core::store::{Listed, Row, StoreError, Stored, Summary};
use tokio::sync::oneshot;

use crate::engine::{OwnerKey, Write, WriteOutcome};
use crate::queue::{Queue, Refusal, Weigh};

/// The channel for an answer.
pub(crate) type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// A waiting read.
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

/// A waiting write.
#[derive(Debug)]
pub(crate) struct WriteRequest {
    pub(crate) write: Write,
    pub(crate) reply: Reply<WriteOutcome>,
}

pub(crate) const LOADING: &str = "loading a session";
pub(crate) const LISTING: &str = "listing a user's sessions";
pub(crate) const ENDING: &str = "deleting a user's sessions";
pub(crate) const PAGING: &str = "listing sessions";
pub(crate) const READING_CLOCK: &str = "asking the database for its time";

/// Queues a request and waits for its answer.
///
/// Dropping the future does not cancel a write.
pub(crate) async fn submit<Q: Weigh, T>(
    queue: &Queue<Q>,
    doing: &'static str,
    request: impl FnOnce(Reply<T>) -> Q,
) -> Result<T, StoreError> {
    let (reply, answer) = oneshot::channel();
    queue.push(request(reply)).map_err(|refusal| refused(doing, refusal))?;
    answer.await.map_err(|_| refused(doing, Refusal::Closed))?
}

fn refused(doing: &'static str, refusal: Refusal) -> StoreError {
    let why = match refusal {
        Refusal::Closed => {
            "the store's tasks have ended with the runtime that it was connected in; connect it inside the one that \
             serves requests"
        }
        Refusal::Full => {
            "too many requests wait for the database already, so this one was not begun; allow more connections or \
             use a faster server"
        }
    };
    StoreError::new(doing, why)
}

impl Weigh for ReadRequest {
    fn weight(&self) -> usize {
        0
    }
}

impl Weigh for WriteRequest {
    fn weight(&self) -> usize {
        self.write.size()
    }
}
