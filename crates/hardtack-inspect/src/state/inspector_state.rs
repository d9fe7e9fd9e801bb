use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::broadcast;

use crate::exchanges::Exchange;
use crate::redact::{CookieRedactor, Redaction};
use crate::state::{ExchangeBuffer, Visitors};
use crate::warnings::WarningLog;

/// The inspector's state, which one mutex protects.
pub(crate) struct InspectorState {
    pub(crate) redactor: CookieRedactor,
    /// The number of all exchanges, including those that are no longer stored.
    pub(crate) total: u64,
    pub(crate) exchanges: ExchangeBuffer,
    pub(crate) visitors: Visitors,
    pub(crate) warnings: WarningLog,
    /// The channel that sends each exchange to the open pages.
    pub(crate) sender: broadcast::Sender<Arc<Exchange>>,
}

/// A handle to the state. Clones share the same state.
#[derive(Clone)]
pub(crate) struct SharedState {
    /// A mutex from the standard library, because the critical sections are short and contain no `await`.
    state: Arc<Mutex<InspectorState>>,
}

/// The maximum total size of the stored exchanges in bytes, regardless of their number.
const MAX_BUFFER_BYTES: usize = 32 << 20;

/// The maximum number of exchanges that are buffered for a slow page.
const MAX_UNSENT_EXCHANGES: usize = 1024;

impl SharedState {
    pub(crate) fn new(redaction: Redaction, capacity: usize) -> Self {
        let state = InspectorState {
            redactor: CookieRedactor::new(redaction),
            total: 0,
            exchanges: ExchangeBuffer::new(capacity, MAX_BUFFER_BYTES),
            visitors: Visitors::new(),
            warnings: WarningLog::default(),
            sender: broadcast::Sender::new(MAX_UNSENT_EXCHANGES),
        };
        Self { state: Arc::new(Mutex::new(state)) }
    }

    /// Locks the state. Poisoning is ignored, because a panic while the state is locked cannot leave it with harmful
    /// contents.
    pub(crate) fn lock(&self) -> MutexGuard<'_, InspectorState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
