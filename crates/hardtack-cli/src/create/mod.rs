//! Commands that create keys and cookies.

mod keygen;
mod seal;
mod session_args;
mod sign;

pub(crate) use keygen::Keygen;
pub(crate) use seal::Seal;
pub(crate) use sign::Sign;
