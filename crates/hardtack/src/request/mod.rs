//! What a request does with its slot: it opens it, closes it when the response is ready, or cancels it.

mod cancel;
mod close;
mod open;
mod response_future;

pub(crate) use open::open;
pub use response_future::ResponseFuture;
