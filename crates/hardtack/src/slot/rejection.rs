use std::fmt;
use std::sync::Arc;

use hardtack_core::Error;
use hardtack_core::store::StoreError;

/// The rejection of a request whose session is not available.
///
/// The response is a 503 if the store failed, and a 500 if the session layer is set up or used incorrectly. A store
/// failure never results in an empty session.
#[derive(Debug)]
pub struct SessionRejection(Kind);

#[derive(Debug)]
enum Kind {
    /// No layer has given this request a session with this marker.
    NoLayer(&'static str),
    /// The settings of one layer contradict each other, or two layers conflict.
    Misconfigured(Arc<Error>),
    /// The response head has been sent.
    Finished,
    /// The store failed.
    Store(StoreError),
}

impl SessionRejection {
    pub(crate) fn no_layer<K>() -> Self {
        Self(Kind::NoLayer(std::any::type_name::<K>()))
    }

    pub(crate) fn misconfigured(mistake: Arc<Error>) -> Self {
        Self(Kind::Misconfigured(mistake))
    }

    pub(crate) fn finished() -> Self {
        Self(Kind::Finished)
    }

    /// Returns whether the store failed, so that a retry may succeed.
    pub fn is_store_failure(&self) -> bool {
        matches!(self.0, Kind::Store(_))
    }
}

impl From<StoreError> for SessionRejection {
    fn from(error: StoreError) -> Self {
        Self(Kind::Store(error))
    }
}

impl fmt::Display for SessionRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::NoLayer(marker) => write!(
                f,
                "no SessionLayer has handled this request: add one for the marker {marker} with `.layer(...)`, \
                 after the routes that use its session"
            ),
            Kind::Misconfigured(mistake) => write!(f, "the SessionLayer is misconfigured: {mistake}"),
            Kind::Finished => f.write_str(
                "this request's response head has been sent, so its session can no longer be opened: open it \
                 before the handler returns, or send a separate request through the layer",
            ),
            Kind::Store(_) => f.write_str("the session store failed"),
        }
    }
}

impl std::error::Error for SessionRejection {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0 {
            Kind::Store(error) => Some(error),
            Kind::NoLayer(_) | Kind::Misconfigured(_) | Kind::Finished => None,
        }
    }
}

#[cfg(feature = "axum08")]
impl axum_core::response::IntoResponse for SessionRejection {
    fn into_response(self) -> axum_core::response::Response {
        use http::{StatusCode, header};
        match self.0 {
            Kind::Store(_) => (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "1")]).into_response(),
            Kind::NoLayer(_) | Kind::Misconfigured(_) | Kind::Finished => {
                tracing::error!("{self}");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}
