//! The guarantees for the requests of a session, one guarantee per case.

pub(crate) mod keeping;
pub(crate) mod renewing;
pub(crate) mod revoking;
mod scene;
pub(crate) mod severing;
