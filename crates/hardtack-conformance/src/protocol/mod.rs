//! What requests at one session are promised, one promise a case.

pub(crate) mod keeping;
pub(crate) mod renewing;
pub(crate) mod revoking;
mod scene;
pub(crate) mod severing;
