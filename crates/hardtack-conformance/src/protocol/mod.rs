//! The guarantees that hold for a session's requests, one guarantee per case.

mod fixture;
pub(crate) mod merging;
pub(crate) mod renewing;
pub(crate) mod revoking;
pub(crate) mod severing;
