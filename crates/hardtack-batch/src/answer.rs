use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::sync::oneshot;

/// The channel for an answer.
pub type Reply<R> = oneshot::Sender<R>;

/// A future that waits for the answer to a request that was sent.
///
/// Dropping it does not cancel the request.
#[derive(Debug)]
#[must_use = "the request is executed, but its result is unknown until this is awaited"]
pub struct Answer<R>(oneshot::Receiver<R>);

/// The error for a request without an answer, because its worker, or all workers, have ended.
///
/// The request may have been executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lost;

impl<R> Answer<R> {
    pub(crate) fn channel() -> (Reply<R>, Self) {
        let (reply, answer) = oneshot::channel();
        (reply, Self(answer))
    }
}

impl<R> Future for Answer<R> {
    type Output = Result<R, Lost>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context).map_err(|_| Lost)
    }
}
