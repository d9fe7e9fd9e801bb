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
        saving: Option<Saving<R>>,
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
        if this.saving.is_none() {
            let response = ready!(this.inner.poll(context));
            let (response, slot) = match (response, this.slot.as_ref()) {
                (Ok(response), Some(slot)) => (response, slot),
                (Err(error), Some(slot)) => {
                    abandon(slot);
                    return Poll::Ready(Err(error));
                }
                (response, None) => return Poll::Ready(response),
            };
            match close(slot, response.status()) {
                Closing::After(commit, pending) => *this.saving = Some(Saving { response, pending, commit }),
                Closing::Done(ending) => return Poll::Ready(Ok(finish(response, ending))),
            }
        }
        let Some(saving) = this.saving else { return Poll::Pending };
        let committed = ready!(saving.commit.as_mut().poll(context));
        let (Some(saving), Some(slot)) = (this.saving.take(), this.slot) else { return Poll::Pending };
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
