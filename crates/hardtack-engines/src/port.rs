use std::net::{Ipv4Addr, TcpListener};

use crate::EngineError;

/// A port of this machine that nobody listens on just now.
///
/// Another program may take it before the engine does, so whoever uses it must be ready to ask for another.
pub(crate) fn free() -> Result<u16, EngineError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| EngineError::new("looking for a free port", error))
}
