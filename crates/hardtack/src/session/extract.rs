use http::{Extensions, HeaderMap};

use crate::request;
use crate::session::Session;
use crate::slot::{Handles, SessionRejection, State};

impl<K: 'static> Session<K> {
    /// The session of a request, for services that are not axum handlers.
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
    /// If no layer has seen the request, if the layer's settings contradict each other, if the store is broken, or if
    /// the response head has been sent: a WebSocket's loop or a streaming body is too late.
    pub async fn open(extensions: &Extensions, headers: &HeaderMap) -> Result<Self, SessionRejection> {
        let slot = Handles::slot::<K>(extensions)?;
        match &mut *request::open(&slot, headers).await? {
            State::Open(open) => open.data_mut().accessed = true,
            State::Unopened | State::Closed(_) => return Err(SessionRejection::finished()),
        }
        Ok(Self::of(slot))
    }

    /// As [`open`](Session::open), but the response depends on the session only if it is then used, not by having it.
    ///
    /// For what hands the session on, as a template engine does.
    ///
    /// # Errors
    ///
    /// As [`open`](Session::open).
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

    /// `None` where no layer has seen the request. A broken store or a mistake in the setup is still a rejection: to the
    /// handler, `None` would look like a visitor without a session.
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
