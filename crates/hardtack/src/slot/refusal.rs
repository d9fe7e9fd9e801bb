use std::fmt;

use hardtack_core::{Error, ErrorKind};

use crate::observe::{EventKind, Subject};
use crate::slot::{Slot, USER_KEY};

/// The reason why a session refuses a read or a write. The cause is always a developer's mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The response head has been sent.
    TooLate,
    /// The function of an `update` used the session that it updates.
    InsideUpdate,
    /// The key is `_user_id`, which only a login or a logout may change.
    Reserved,
    /// Other tasks of the request changed the key each time the function ran.
    Contended,
}

impl Refusal {
    fn sentence(self) -> &'static str {
        match self {
            Self::TooLate => {
                "the response head has been sent, so the session can no longer be changed: change it before the \
                 handler returns, or in a separate request"
            }
            Self::InsideUpdate => {
                "the function of an `update` used its own session, which may be different when the function runs \
                 again: read what it needs before the `update`, and move the value into the closure"
            }
            Self::Reserved => {
                "`_user_id` identifies the logged-in user and cannot be set like other keys: use `log_in` and \
                 `log_out`"
            }
            Self::Contended => {
                "other tasks in the same request changed the key every time the function of an `update` ran: \
                 update it from one task only"
            }
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence())
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::new(ErrorKind::Session, refusal.sentence())
    }
}

impl Slot {
    /// Logs a refusal, and returns it. Without the log, methods that do not return an error would fail silently.
    #[cold]
    pub(crate) fn refused(&self, what: &str, refusal: Refusal) -> Refusal {
        match refusal {
            Refusal::TooLate => self.emit(Subject::default(), EventKind::Late { what }),
            Refusal::InsideUpdate | Refusal::Contended => tracing::error!(what, "{refusal}"),
            Refusal::Reserved => tracing::error!(key = USER_KEY, "{refusal}"),
        }
        refusal
    }
}
