use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::{HeaderValue, Response, StatusCode, header};
use pin_project_lite::pin_project;

use crate::request::cancel::cancel;
use crate::request::close::close;
use crate::slot::{Ending, Slot};
use crate::store_session::{Closing, Pending, Underway};

pin_project! {
    /// The response future of a [`SessionService`](crate::SessionService). It waits for the inner service, and then for
    /// the store.
    ///
    /// # Canceled requests
    ///
    /// A server drops this future when the client closes the connection; an outer timeout layer, when the time is over;
    /// and an outer layer that catches panics, when the handler panics. The same happens when the inner service fails
    /// without a response. In each case, nothing has been acknowledged, so nothing is saved, except what ends a
    /// session:
    ///
    /// | the session when the future is dropped | stored | signed or encrypted |
    /// |---|---|---|
    /// | not taken, or only read | nothing happens | nothing happens |
    /// | changed or renewed, or a guest logged out | not saved; counted as [`abandoned`] | the same |
    /// | a user logged out, or destroyed the session | ended in the background; what was written afterward is counted as [`abandoned`] | cannot end without a response: an error is logged, and it is counted in [`lost_logouts`] |
    /// | a guest logged in, or the same user logged in again | no login; the session stays as it was; counted as [`abandoned`] | the same |
    /// | another user logged in | no login; the previous user's session is ended, as by a logout | no login; counted in [`lost_logouts`] |
    /// | being saved, including by [`Session::save`] | finished in the background; a session that begins with this save is ended again, because no browser knows its id; a renewal is dropped for the same reason, and counted as [`abandoned`] | (nothing is saved before the response) |
    /// | saved early by [`Session::save`] | kept, because the save has been reported to the application | (the same) |
    /// | closed, because the response was returned | nothing happens | nothing happens |
    ///
    /// Background work runs on the tokio runtime. If there is none, if it shuts down first, or if the store fails, the
    /// lost logout is logged as an error and counted in [`lost_logouts`]. A task that outlives its request and still
    /// writes to the session has no effect; such writes are counted as [`late`].
    ///
    /// If a layer that cancels or catches is *inside* the session layer, the session gets a response: a 500 after a
    /// panic, or a 408 or 504 after a timeout. Half of a handler's changes are worse than none, so these are not saved
    /// either, except those of [`log_in`](crate::Session::log_in), [`log_out`](crate::Session::log_out), and
    /// [`destroy`](crate::Session::destroy). Inside is the better place for such layers, because a logout then ends a
    /// session kept in its cookie too. With [`like_flask`](crate::SessionLayer::like_flask), every response is saved,
    /// as in Flask.
    ///
    /// [`abandoned`]: crate::Metrics::abandoned
    /// [`late`]: crate::Metrics::late
    /// [`lost_logouts`]: crate::Metrics::lost_logouts
    /// [`Session::save`]: crate::Session::save
    pub struct ResponseFuture<F, R> {
        #[pin]
        inner: F,
        // Declared after `inner`, so that it is dropped after the handler, whose own drop may still write.
        unanswered: Unanswered<R>,
    }
}

/// The work that remains to be done for a request.
struct Unanswered<R> {
    /// `None` if there is no session, or once the response has been returned.
    slot: Option<Arc<Slot>>,
    // Boxed, so that the future of a response that does not wait is small.
    saving: Option<Box<Saving<R>>>,
}

/// A response that waits for its session to be saved.
struct Saving<R> {
    response: Response<R>,
    pending: Pending,
    commit: Underway,
}

impl<F, R> ResponseFuture<F, R> {
    pub(crate) fn new(inner: F, slot: Option<Arc<Slot>>) -> Self {
        Self { inner, unanswered: Unanswered { slot, saving: None } }
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
        let Unanswered { slot: present, saving } = this.unanswered;
        let Some(slot) = present else { return this.inner.poll(context) };
        let mut waiting = match saving.take() {
            Some(waiting) => *waiting,
            None => {
                // If the inner service fails, the slot is closed when this future is dropped.
                let response = ready!(this.inner.poll(context))?;
                match close(slot, response.status()) {
                    Closing::After(commit, pending) => Saving { response, pending, commit },
                    Closing::Done(ending) => {
                        let response = finish(response, ending, slot);
                        *present = None;
                        return Poll::Ready(Ok(response));
                    }
                }
            }
        };
        let Poll::Ready(committed) = Pin::new(&mut waiting.commit).poll(context) else {
            *saving = Some(Box::new(waiting));
            return Poll::Pending;
        };
        let ending = waiting.pending.finish(&slot.config, &committed);
        let response = finish(waiting.response, ending, slot);
        *present = None;
        Poll::Ready(Ok(response))
    }
}

impl<R> Drop for Unanswered<R> {
    fn drop(&mut self) {
        if let Some(slot) = &self.slot {
            cancel(slot);
        }
    }
}

/// Adds the session's headers to a response, or replaces it.
fn finish<R: Default>(mut response: Response<R>, ending: Ending, slot: &Slot) -> Response<R> {
    match ending {
        Ending::Add(headers) => headers.add_to(response.headers_mut(), slot),
        // A lost write must not look like a success, so nothing of the inner response is kept.
        Ending::Unavailable => {
            response = Response::default();
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        Ending::Mistake(headers) => {
            response = Response::default();
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            headers.add_to(response.headers_mut(), slot);
        }
    }
    response
}

impl<F, R> fmt::Debug for ResponseFuture<F, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture")
            .field("saving", &self.unanswered.saving.is_some())
            .finish_non_exhaustive()
    }
}
