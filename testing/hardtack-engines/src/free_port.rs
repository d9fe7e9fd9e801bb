use std::net::{Ipv4Addr, TcpListener};

use crate::EngineError;

/// Returns a port on this machine that is currently unused.
///
/// Another program may take the port before the engine does, so callers must be prepared to retry with another port.
pub(crate) fn free_port() -> Result<u16, EngineError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| EngineError::new("looking for a free port", error))
}
