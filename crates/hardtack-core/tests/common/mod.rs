//! What the tests over vectors share.

pub(crate) mod neutral;
pub(crate) mod vectors;
