//! The requests that are sent to a server: scripts, and requests that are sent in batches.

pub(crate) mod change;
pub(crate) mod load;
pub(crate) mod request_queue;
pub(crate) mod script;
