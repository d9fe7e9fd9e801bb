use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::{HeaderValue, Response, StatusCode, header};
use pin_project_lite::pin_project;

use crate::closing::{Closing, Ending, Pending, abandon, close};
use crate::slot::Slot;
use crate::vault::BoxFuture;
use hardtack_core::store::Committed;

pin_project! {
    /// The response of a [`SessionService`](crate::SessionService): first the inner service's, then the store's.
    pub struct ResponseFuture<F, R> {
        #[pin]
        inner: F,
        slot: Option<Arc<Slot>>,
        // Boxed, so that the future of a response that has nothing to wait for is small.
        saving: Option<Box<Saving<R>>>,
    }
}

/// A response that waits for its session to be saved.
struct Saving<R> {
    response: Response<R>,
    pending: Pending,
    commit: BoxFuture<Committed>,
}

impl<F, R> ResponseFuture<F, R> {
    pub(crate) fn new(inner: F, slot: Option<Arc<Slot>>) -> Self {
        Self { inner, slot, saving: None }
    }
}

impl<F, R, E> Future for ResponseFuture<F, R>
where
    F: Future<Output = Result<Response<R>, E>>,
    R: Default,
{
    type Output = Result<Response<R>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let Some(slot) = this.slot else { return this.inner.poll(context) };
        let mut saving = match this.saving.take() {
            Some(saving) => *saving,
            None => {
                let response = ready!(this.inner.poll(context)).inspect_err(|_| abandon(slot))?;
                match close(slot, response.status()) {
                    Closing::After(commit, pending) => Saving { response, pending, commit },
                    Closing::Done(ending) => return Poll::Ready(Ok(finish(response, ending))),
                }
            }
        };
        let Poll::Ready(committed) = saving.commit.as_mut().poll(context) else {
            *this.saving = Some(Box::new(saving));
            return Poll::Pending;
        };
        slot.notes.committed(&committed);
        let ending = saving.pending.finish(&slot.config, committed);
        Poll::Ready(Ok(finish(saving.response, ending)))
    }
}

/// Adds what the session says to a response, or replaces it.
fn finish<R: Default>(mut response: Response<R>, ending: Ending) -> Response<R> {
    match ending {
        Ending::Say(headers) => headers.add_to(response.headers_mut()),
        // A lost write must not look like success, so nothing of the inner response is kept.
        Ending::Unavailable => {
            response = Response::default();
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        Ending::Mistake => {
            response = Response::default();
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        }
    }
    response
}

impl<F, R> fmt::Debug for ResponseFuture<F, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").field("saving", &self.saving.is_some()).finish_non_exhaustive()
    }
}
