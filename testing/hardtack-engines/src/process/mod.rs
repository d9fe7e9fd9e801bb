//! A server's process, its directory, and its port.

pub(crate) mod directory;
pub(crate) mod server_process;
