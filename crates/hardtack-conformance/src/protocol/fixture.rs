use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::SystemTime;

use hardtack_core::protocol::{Lifetime, Origin, SessionId};
use hardtack_core::store::SessionStore;

use crate::failure::{Failure, ensure};
use crate::interleave::stepped::{CallWait, Driven, Steps, drive};
use crate::request::{Request, Response};
use crate::sample::noon;

pub(crate) fn lifetime() -> Lifetime {
    Lifetime::new()
}

/// Opens a session at the time [`noon`].
pub(crate) async fn open<S: SessionStore>(store: &S, id: SessionId) -> Result<Request, Failure> {
    open_at(store, id, noon()).await
}

pub(crate) async fn open_at<S: SessionStore>(
    store: &S,
    id: SessionId,
    now: SystemTime,
) -> Result<Request, Failure> {
    Ok(Request::open(store, Some(id), now, lifetime()).await?)
}

/// Opens a session, which must be live.
pub(crate) async fn open_live<S: SessionStore>(store: &S, id: SessionId) -> Result<Request, Failure> {
    let request = open(store, id).await?;
    ensure!(request.origin == Origin::Live, "a live session opened as {:?}", request.origin);
    Ok(request)
}

/// Returns a request without a cookie.
pub(crate) async fn stranger<S: SessionStore>(store: &S) -> Result<Request, Failure> {
    Ok(Request::open(store, None, noon(), lifetime()).await?)
}

/// Finishes a request, which must issue an id, and returns that id.
pub(crate) async fn id_sent_by<S: SessionStore>(store: &S, request: Request) -> Result<SessionId, Failure> {
    let response = request.finish(store).await?;
    response.sent_id().ok_or_else(|| Failure::new(format_args!("no id was sent: {response:?}")))
}

/// Creates a guest's session with an item in the cart, and returns its id.
pub(crate) async fn guest<S: SessionStore>(store: &S) -> Result<SessionId, Failure> {
    let mut request = stranger(store).await?;
    request.set("cart", "\"tea\"");
    id_sent_by(store, request).await
}

/// Creates a user's session, and returns its id.
pub(crate) async fn user<S: SessionStore>(store: &S, name: &str) -> Result<SessionId, Failure> {
    let mut request = stranger(store).await?;
    request.log_in(name);
    id_sent_by(store, request).await
}

/// Runs a request that makes one change.
pub(crate) async fn request<S: SessionStore>(
    store: &S,
    id: SessionId,
    mutation: impl FnOnce(&mut Request),
) -> Result<Response, Failure> {
    let mut request = open(store, id).await?;
    mutation(&mut request);
    Ok(request.finish(store).await?)
}

/// Checks whether an id gives no access to a session: its session is ended or unknown, and there is no data to read.
pub(crate) async fn is_out<S: SessionStore>(store: &S, id: SessionId) -> Result<bool, Failure> {
    let request = open(store, id).await?;
    Ok(matches!(request.origin, Origin::Ended | Origin::New) && request.base().is_empty())
}

/// A request's final phase, driven one stop at a time.
pub(crate) struct SteppedRequest<T> {
    future: Pin<Box<dyn Future<Output = T> + Send>>,
    steps: Arc<Steps>,
}

impl<T> SteppedRequest<T> {
    pub(crate) fn new(future: impl Future<Output = T> + Send + 'static, steps: &Arc<Steps>) -> Self {
        Self { future: Box::pin(future), steps: Arc::clone(steps) }
    }

    /// Continues until the request has made the named store call. Returns `false` if the request ends without making
    /// it.
    pub(crate) async fn until(&mut self, call: &str) -> bool {
        loop {
            match drive(&mut self.future, &self.steps, CallWait::Waits).await {
                Driven::Done(_) | Driven::Waiting => return false,
                Driven::Stopped => {
                    let made = self.steps.trace().pop();
                    if made.is_some_and(|step| step.call == call && step.outcome.is_some()) {
                        return true;
                    }
                }
            }
        }
    }

    /// Continues to the next stop, and returns whether there was one.
    pub(crate) async fn step(&mut self) -> bool {
        matches!(drive(&mut self.future, &self.steps, CallWait::Waits).await, Driven::Stopped)
    }

    /// Continues to the end.
    pub(crate) async fn finish(&mut self) -> Result<T, Failure> {
        loop {
            match drive(&mut self.future, &self.steps, CallWait::Waits).await {
                Driven::Done(output) => return Ok(output),
                Driven::Stopped => {}
                Driven::Waiting => return Err(Failure::new("a request was not awaited")),
            }
        }
    }
}
