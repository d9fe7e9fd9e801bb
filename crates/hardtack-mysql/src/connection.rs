use std::time::{Duration, Instant};

use mysql_async::Conn;
use mysql_async::prelude::Queryable;

/// A connection, and the time at which it was last known to be usable.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) conn: Conn,
    used_at: Instant,
}

/// The time for which an idle connection is used without a ping. Only a ping shows whether the server has closed the
/// connection, and a write that was sent on a closed connection cannot be retried.
const MAX_UNCHECKED_IDLE: Duration = Duration::from_millis(500);

impl Connection {
    pub(crate) fn new(conn: Conn) -> Self {
        Self { conn, used_at: Instant::now() }
    }

    /// Records that the server has just answered.
    pub(crate) fn note_use(&mut self) {
        self.used_at = Instant::now();
    }

    pub(crate) async fn is_alive(&mut self) -> bool {
        self.used_at.elapsed() < MAX_UNCHECKED_IDLE || self.conn.ping().await.is_ok()
    }
}
