//! What happens to a request's slot: it is opened, and then closed when the response is ready, or canceled.

mod cancel;
mod close;
mod open;
mod response_future;

pub(crate) use open::open;
pub use response_future::ResponseFuture;
