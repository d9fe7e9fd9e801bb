use std::collections::HashMap;
use std::error::Error;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::serve::SessionView;

/// An action or an observation of a client. Each acknowledged login starts a session with a new number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Event {
    pub(crate) session: u64,
    pub(crate) kind: EventKind,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum EventKind {
    /// The user logged in, and the login was acknowledged.
    Began {
        user: String,
    },
    Counted(Outcome),
    Pushed(u64, Outcome),
    /// A logout, or a revocation of all sessions of the user.
    Ended(Outcome),
    /// A renewal without a response. The session may have an id that the client did not receive.
    IdLost,
    /// The session as a request saw it during the run.
    Seen(SessionView),
    /// The session as a request with its cookie saw it at the end of the run.
    SeenAtEnd(SessionView),
    /// The application was unavailable, and did not say when to retry.
    RefusedWithoutRetryTime,
}

/// The outcome of an operation, which is unknown if the operation was not acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Outcome {
    Acknowledged,
    Unknown,
}

/// The journal of all clients.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    /// All events, in order. The mutex is locked only to add one event or to copy all of them.
    events: Mutex<Vec<Event>>,
    sessions: AtomicU64,
    acknowledged: AtomicU64,
}

impl Journal {
    pub(crate) fn new_session(&self) -> u64 {
        self.sessions.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn write(&self, session: u64, kind: EventKind) {
        let is_write = matches!(
            kind,
            EventKind::Began { .. }
                | EventKind::Counted(Outcome::Acknowledged)
                | EventKind::Pushed(_, Outcome::Acknowledged)
                | EventKind::Ended(Outcome::Acknowledged)
        );
        self.acknowledged.fetch_add(u64::from(is_write), Ordering::Relaxed);
        self.events.lock().unwrap_or_else(PoisonError::into_inner).push(Event { session, kind });
    }

    /// Returns the number of writes that were acknowledged.
    pub(crate) fn acknowledged(&self) -> u64 {
        self.acknowledged.load(Ordering::Relaxed)
    }

    pub(crate) fn events(&self) -> Vec<Event> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Writes the journal to a file, one event per line.
    pub(crate) fn save(&self, path: &Path) -> Result<(), Box<dyn Error>> {
        let mut file = std::io::BufWriter::new(fs::File::create(path)?);
        for event in self.events() {
            serde_json::to_writer(&mut file, &event)?;
            file.write_all(b"\n")?;
        }
        Ok(file.flush()?)
    }
}

/// Reads a saved journal.
pub(crate) fn read(path: &Path) -> Result<Vec<Event>, Box<dyn Error>> {
    let lines = BufReader::new(fs::File::open(path)?).lines();
    lines.map(|line| Ok(serde_json::from_str(&line?)?)).collect()
}

/// Groups the events by session, in order.
pub(crate) fn by_session(events: &[Event]) -> HashMap<u64, Vec<&EventKind>> {
    let mut sessions: HashMap<u64, Vec<&EventKind>> = HashMap::new();
    for event in events {
        sessions.entry(event.session).or_default().push(&event.kind);
    }
    sessions
}
