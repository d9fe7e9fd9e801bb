use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::{HeaderValue, Response, StatusCode, header};
use pin_project_lite::pin_project;

use crate::config::Config;
use crate::request::cancel::cancel;
use crate::request::close::close;
use crate::slot::{Ending, Slot};
use crate::store_session::{Closing, Pending, Underway};

pin_project! {
    /// The response of a [`SessionService`](crate::SessionService): first the inner service's, then the store's.
    ///
    /// # Canceled requests
    ///
    /// A server drops this future when the client closes the connection, a timeout layer outside when the time is over,
    /// and a layer that catches panics when the handler panics. The same happens when the inner service fails without a
    /// response. Nothing was acknowledged then, so nothing is saved, except for what ends a session:
    ///
    /// | the session, when the future is dropped | stored | signed, encrypted |
    /// |---|---|---|
    /// | not taken, or only read | nothing happens | nothing happens |
    /// | changed or renewed, or a guest logged out | not saved; counted as [`abandoned`] | the same |
    /// | a user logged out, or destroyed | ended in the background; what was written after it is [`abandoned`] | cannot end without a response: an error in the log, counted in [`lost_logouts`] |
    /// | logged in, from a guest or again as the same user | no login; the session stays what it was; [`abandoned`] | the same |
    /// | logged in, in place of another user | no login, and the other user's session is ended as by a logout | no login; counted in [`lost_logouts`] |
    /// | being saved, also by [`Session::save`] | finished in the background; a session that begins by it is ended again, because no browser knows its id; a renewal is dropped for the same reason, and counted as [`abandoned`] | (nothing is saved before the response) |
    /// | saved early by [`Session::save`] | kept: the application was told so | (the same) |
    /// | closed: the response was returned | nothing happens | nothing happens |
    ///
    /// The background is the tokio runtime. Where there is none, or it shuts down before it is done, a logout is an error
    /// in the log, counted in [`lost_logouts`]. A task that outlives its request and still writes to the session changes
    /// nothing, which is counted as [`late`].
    ///
    /// A layer that cancels or catches *inside* the session's gives it a response: a 500 after a panic, a 408 or 504
    /// after a timeout. Half of a handler is worse than nothing of it, so these are not saved either, except by
    /// [`log_in`](crate::Session::log_in), [`log_out`](crate::Session::log_out) and
    /// [`destroy`](crate::Session::destroy). That is the better place for such layers: a logout then ends a session kept
    /// in its cookie too. Under [`like_flask`](crate::SessionLayer::like_flask) each response is saved, as in Flask.
    ///
    /// [`abandoned`]: crate::Counts::abandoned
    /// [`late`]: crate::Counts::late
    /// [`lost_logouts`]: crate::Counts::lost_logouts
    /// [`Session::save`]: crate::Session::save
    pub struct ResponseFuture<F, R> {
        #[pin]
        inner: F,
        // Behind `inner`, so that it is dropped after the handler, whose own drop may still write.
        unanswered: Unanswered<R>,
    }
}

/// What is still to be done for a request.
struct Unanswered<R> {
    /// `None` if there is no session, or once the response was returned.
    slot: Option<Arc<Slot>>,
    // Boxed, so that the future of a response that has nothing to wait for is small.
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
                // An inner service that fails leaves the slot to the drop of this future.
                let response = ready!(this.inner.poll(context))?;
                match close(slot, response.status()) {
                    Closing::After(commit, pending) => Saving { response, pending, commit },
                    Closing::Done(ending) => {
                        let response = finish(response, ending, &slot.config);
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
        let response = finish(waiting.response, ending, &slot.config);
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
fn finish<R: Default>(mut response: Response<R>, ending: Ending, config: &Config) -> Response<R> {
    match ending {
        Ending::Add(headers) => headers.add_to(response.headers_mut(), config),
        // A lost write must not look like success, so nothing of the inner response is kept.
        Ending::Unavailable => {
            response = Response::default();
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        Ending::Mistake(headers) => {
            response = Response::default();
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            headers.add_to(response.headers_mut(), config);
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
