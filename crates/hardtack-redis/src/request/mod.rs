//! What is sent to a server: scripts, and the requests that are sent together.

pub(crate) mod change;
pub(crate) mod load;
pub(crate) mod request_queue;
pub(crate) mod script;
