//! Opens the slot of a request, and closes the slot when the response is ready or the request is canceled.

mod cancel;
mod close;
mod open;
mod response_future;

pub(crate) use open::open;
pub use response_future::ResponseFuture;
