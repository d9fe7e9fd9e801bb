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
    /// The response future of a [`SessionService`](crate::SessionService). This future waits for the inner service, and
    /// then for the store.
    ///
    /// # Canceled requests
    ///
    /// This future is dropped before it completes if the client closes the connection, if an outer timeout layer
    /// cancels the request, or if the handler panics and an outer layer catches the panic. If the inner service fails
    /// without a response, the effect is the same. In all these cases, no response has acknowledged the request's
    /// changes, so they are not saved. Only the end of a session is still carried out. The cases are:
    ///
    /// - **The session was not used, or only read**: nothing happens.
    /// - **The session was changed or renewed, or a guest logged out**: the changes are not saved, and the request is
    ///   counted in [`abandoned`].
    /// - **A user logged out, or the session was destroyed**: a stored session is ended in the background, and data
    ///   that was written after the logout is counted in [`abandoned`]. A session kept in its cookie cannot be ended
    ///   without a response, so an error is logged, and the logout is counted in [`lost_logouts`].
    /// - **A guest logged in, or the same user logged in again**: the login has no effect, and the session stays as it
    ///   was. The request is counted in [`abandoned`].
    /// - **Another user logged in**: the login has no effect, and the request is counted in [`abandoned`]. If the
    ///   session is stored, the previous user's session is ended, as by a logout. If it is kept in its cookie, the
    ///   request is also counted in [`lost_logouts`].
    /// - **A stored session was being saved, perhaps by [`Session::save`]**: the save is finished in the background. If
    ///   the save created a session, that session is ended, because no browser has its id. A renewal is dropped,
    ///   because no browser would receive the new id, and counted in [`abandoned`].
    /// - **A stored session had already been saved by [`Session::save`]**: the saved changes are kept, because the save
    ///   has been reported to the application.
    /// - **The response had been returned**: nothing happens.
    ///
    /// Background work runs on the tokio runtime. If there is no runtime, if it shuts down first, or if the store
    /// fails, a logout is lost: an error is logged, and the logout is counted in [`lost_logouts`]. If a task outlives
    /// its request and then writes to the session, the write has no effect, and is counted in [`late`].
    ///
    /// If a timeout layer or a layer that catches panics is *inside* the session layer, the session layer gets a
    /// response: a 500 after a panic, or a 408 or 504 after a timeout. Half of a handler's changes are worse than none,
    /// so these changes are not saved either. The only exception is a request that
    /// called [`log_in`](crate::Session::log_in), [`log_out`](crate::Session::log_out),
    /// or [`destroy`](crate::Session::destroy): all its changes are saved. Place such layers inside the session layer,
    /// because a logout then also ends a session that is kept in its cookie.
    /// With [`like_flask`](crate::SessionLayer::like_flask), changes are saved whatever the status of the response is,
    /// as in Flask.
    ///
    /// [`abandoned`]: crate::Metrics::abandoned
    /// [`late`]: crate::Metrics::late
    /// [`lost_logouts`]: crate::Metrics::lost_logouts
    /// [`Session::save`]: crate::Session::save
    pub struct ResponseFuture<F, R> {
        #[pin]
        inner: F,
        // Declared after `inner`, so that it is dropped after the handler: when the handler's values are dropped, they
        // may still write to the session.
        unanswered: Unanswered<R>,
    }
}

/// The state of a request that has not been answered yet.
struct Unanswered<R> {
    /// `None` if this future has no slot to close, or has returned the response.
    slot: Option<Arc<Slot>>,
    // Boxed, so that the future is small if it does not have to wait for a save.
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

/// Adds the session's headers to a response, or replaces the response with an error.
fn finish<R: Default>(mut response: Response<R>, ending: Ending, slot: &Slot) -> Response<R> {
    match ending {
        Ending::Add(headers) => headers.add_to(response.headers_mut(), slot),
        // A lost write must not look like a success, so no part of the inner response is kept.
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
