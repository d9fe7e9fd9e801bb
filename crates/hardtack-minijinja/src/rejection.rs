use std::fmt;

use axum::extract::rejection::BytesRejection;
use axum::response::{IntoResponse, Response};
use hardtack::SessionRejection;
use http::StatusCode;

/// The reason why a [`View`](crate::View) could not be extracted.
#[derive(Debug)]
#[non_exhaustive]
pub enum ViewRejection {
    /// The request did not pass through a [`ViewLayer`](crate::ViewLayer). The response is a 500.
    NoLayer,
    /// The session could not be opened.
    Session(SessionRejection),
    /// The form could not be read, or is larger than the application's limit. If it is too large, the response is a
    /// 413.
    Form(BytesRejection),
    /// The form has more than 10,000 fields. The response is a 413.
    TooManyFields,
}

impl fmt::Display for ViewRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoLayer => f.write_str(
                "no ViewLayer has handled this request: add one with `.layer(ViewLayer::new(environment))`, after \
                 the routes that use a View",
            ),
            Self::Session(rejection) => rejection.fmt(f),
            Self::Form(rejection) => rejection.fmt(f),
            Self::TooManyFields => f.write_str("the form has too many fields to be shown on the page again"),
        }
    }
}

impl std::error::Error for ViewRejection {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Session(rejection) => rejection.source(),
            Self::Form(rejection) => rejection.source(),
            Self::NoLayer | Self::TooManyFields => None,
        }
    }
}

impl IntoResponse for ViewRejection {
    fn into_response(self) -> Response {
        match self {
            Self::NoLayer => {
                tracing::error!("{self}");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
            Self::Session(rejection) => rejection.into_response(),
            Self::Form(rejection) => rejection.into_response(),
            Self::TooManyFields => StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        }
    }
}
