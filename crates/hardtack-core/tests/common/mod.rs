//! Modules that the vector tests share.

pub(crate) mod neutral;
pub(crate) mod vectors;
