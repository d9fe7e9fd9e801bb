//! The guarantees for the requests of a session, one guarantee per case.

mod fixture;
pub(crate) mod merging;
pub(crate) mod renewing;
pub(crate) mod revoking;
pub(crate) mod severing;
