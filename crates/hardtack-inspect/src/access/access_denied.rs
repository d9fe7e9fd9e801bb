use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// The response to a request that is denied: its status, and a sentence that tells the developer the reason.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct AccessDenied {
    pub(crate) status: StatusCode,
    pub(crate) sentence: &'static str,
}

impl AccessDenied {
    pub(super) const fn forbidden(sentence: &'static str) -> Self {
        Self { status: StatusCode::FORBIDDEN, sentence }
    }
}

impl IntoResponse for AccessDenied {
    fn into_response(self) -> Response {
        (self.status, self.sentence).into_response()
    }
}
