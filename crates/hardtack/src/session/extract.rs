use http::{Extensions, HeaderMap};

use crate::request;
use crate::session::Session;
use crate::slot::{Handles, SessionRejection, State};

impl<K: 'static> Session<K> {
    /// Opens the session of a request, for services that are not axum handlers.
    ///
    /// ```
    /// use hardtack::{MemoryStore, Session, SessionLayer};
    /// use http::{Request, Response};
    /// use tower::{BoxError, Layer, ServiceExt, service_fn};
    ///
    /// async fn page(request: Request<()>) -> Result<Response<String>, BoxError> {
    ///     let session: Session = Session::open(request.extensions(), request.headers()).await?;
    ///     let visits = session.update("visits", |n: &mut u64| { *n += 1; *n });
    ///     Ok(Response::new(format!("Visit number {visits}")))
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), BoxError> {
    /// let service = SessionLayer::stored(MemoryStore::new()).layer(service_fn(page));
    /// let answer = service.oneshot(Request::new(())).await?;
    /// assert_eq!(answer.body(), "Visit number 1");
    /// assert!(answer.headers().contains_key("set-cookie"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if no layer with this marker has processed the request, if the layer's settings contradict each
    /// other, or if the store fails. Also returns an error if the response head has been sent, as in the loop of a
    /// WebSocket or in a streaming body.
    pub async fn open(extensions: &Extensions, headers: &HeaderMap) -> Result<Self, SessionRejection> {
        let slot = Handles::slot::<K>(extensions)?;
        match &mut *request::open(&slot, headers).await? {
            State::Open(open) => open.data_mut().accessed = true,
            State::Unopened | State::Closed(_) => return Err(SessionRejection::finished()),
        }
        Ok(Self::of(slot))
    }

    /// Opens the session like [`open`](Session::open), but does not mark the response as dependent on the session. The
    /// first use of the session does so.
    ///
    /// This method is for code that passes the session on, such as a template engine.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`open`](Session::open).
    pub async fn open_unaccessed(
        extensions: &Extensions,
        headers: &HeaderMap,
    ) -> Result<Self, SessionRejection> {
        let slot = Handles::slot::<K>(extensions)?;
        match &*request::open(&slot, headers).await? {
            State::Open(_) => {}
            State::Unopened | State::Closed(_) => return Err(SessionRejection::finished()),
        }
        Ok(Self::of(slot))
    }
}

#[cfg(feature = "axum08")]
mod axum08 {
    use axum_core::extract::{FromRequestParts, OptionalFromRequestParts};
    use http::request::Parts;

    use crate::session::Session;
    use crate::slot::{Handles, SessionRejection};

    impl<S: Sync, K: 'static> FromRequestParts<S> for Session<K> {
        type Rejection = SessionRejection;

        async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, SessionRejection> {
            Self::open(&parts.extensions, &parts.headers).await
        }
    }

    /// Returns `None` if no layer with this marker has processed the request. A store failure or a mistake in the setup
    /// is still a rejection, because a handler would treat `None` as a visitor without a session.
    impl<S: Sync, K: 'static> OptionalFromRequestParts<S> for Session<K> {
        type Rejection = SessionRejection;

        async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, SessionRejection> {
            if !Handles::has::<K>(&parts.extensions) {
                return Ok(None);
            }
            Self::open(&parts.extensions, &parts.headers).await.map(Some)
        }
    }
}
