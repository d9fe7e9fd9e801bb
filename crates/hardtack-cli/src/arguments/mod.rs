//! Arguments that several commands share, and the code that parses them.

mod destination;
mod handle;
mod input;
mod key_args;
mod signing_args;
mod span;
mod store_args;
mod timestamp;

pub(crate) use destination::Destination;
pub(crate) use handle::Handle;
pub(crate) use input::{Input, read_stdin};
pub(crate) use key_args::{KeyArgs, Secrets, read_secret};
pub(crate) use signing_args::SigningArgs;
pub(crate) use span::Span;
pub(crate) use store_args::StoreArgs;
pub(crate) use timestamp::Timestamp;
