//! Implements axum 0.8's traits for extractors and responses for `Cookies`, `SetCookie`, and `RemoveCookie`.

use std::convert::Infallible;

use axum_core::extract::FromRequestParts;
use axum_core::response::{IntoResponse, IntoResponseParts, Response, ResponseParts};
use http::header::{COOKIE, HeaderValue, SET_COOKIE};
use http::{StatusCode, request};

use super::{Cookies, RemoveCookie, SetCookie};
use crate::{Error, ErrorKind};

/// Extraction never fails: malformed cookies are skipped.
impl<S: Sync> FromRequestParts<S> for Cookies {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut request::Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::parse(parts.headers.get_all(COOKIE)))
    }
}

/// Adds a `Set-Cookie` header. If [`SetCookie::check`] fails, a 500 is sent instead of a response without the cookie,
/// and the reason is logged.
impl IntoResponseParts for SetCookie {
    type Error = StatusCode;

    fn into_response_parts(self, response: ResponseParts) -> Result<ResponseParts, StatusCode> {
        append(self.to_header(), response)
    }
}

/// Adds a `Set-Cookie` header that removes a cookie. If [`RemoveCookie::check`] fails, the response becomes a 500, and
/// the reason is logged.
impl IntoResponseParts for RemoveCookie {
    type Error = StatusCode;

    fn into_response_parts(self, response: ResponseParts) -> Result<ResponseParts, StatusCode> {
        append(self.to_header(), response)
    }
}

/// Creates an empty response with the cookie. If a status code precedes the cookie, as in `(StatusCode, SetCookie)`,
/// that status replaces the 500 for a cookie that fails its check. `(StatusCode, SetCookie, ())` keeps the 500.
impl IntoResponse for SetCookie {
    fn into_response(self) -> Response {
        (self, ()).into_response()
    }
}

/// Creates an empty response that removes the cookie. A preceding status code has the same effect as for [`SetCookie`].
impl IntoResponse for RemoveCookie {
    fn into_response(self) -> Response {
        (self, ()).into_response()
    }
}

fn append(header: Result<String, Error>, mut response: ResponseParts) -> Result<ResponseParts, StatusCode> {
    let value = header.and_then(|header| {
        HeaderValue::try_from(header).map_err(|error| {
            Error::new(ErrorKind::Cookie, "this cookie cannot be written in a header").with_source(error)
        })
    });
    match value {
        Ok(value) => {
            response.headers_mut().append(SET_COOKIE, value);
            Ok(response)
        }
        Err(error) => {
            tracing::error!("a cookie could not be sent: {error}");
            Err(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::response::Redirect;
    use axum::routing::get;
    use http::Request;
    use tower::ServiceExt;

    use super::*;

    async fn set() -> (SetCookie, &'static str) {
        (SetCookie::new("fav_color", "dark blue"), "ok")
    }

    async fn later(cookies: Cookies) -> String {
        cookies.get("fav_color").unwrap_or("<unset>").to_owned()
    }

    async fn forget() -> (RemoveCookie, Redirect) {
        (RemoveCookie::new("fav_color"), Redirect::to("/"))
    }

    async fn wrong() -> (SetCookie, &'static str) {
        (SetCookie::new("a;b", "c"), "secret page")
    }

    async fn several() -> (SetCookie, Option<RemoveCookie>, SetCookie, &'static str) {
        (SetCookie::new("a", "1"), None, SetCookie::new("b", "2"), "ok")
    }

    async fn answer(path: &str, cookies: &[&str]) -> Response {
        let mut request = Request::get(path);
        for cookie in cookies {
            request = request.header(COOKIE, *cookie);
        }
        let app: Router = Router::new()
            .route("/set", get(set))
            .route("/later", get(later))
            .route("/forget", get(forget))
            .route("/wrong", get(wrong))
            .route("/several", get(several));
        app.oneshot(request.body(Body::empty()).expect("a request")).await.expect("infallible")
    }

    fn sent(response: &Response) -> Vec<&str> {
        response.headers().get_all(SET_COOKIE).iter().map(|value| value.to_str().expect("ASCII")).collect()
    }

    async fn body(response: Response) -> String {
        let bytes = axum::body::to_bytes(response.into_body(), 1024).await.expect("a short body");
        String::from_utf8(bytes.to_vec()).expect("text")
    }

    #[tokio::test]
    async fn a_handler_sets_a_cookie() {
        let response = answer("/set", &[]).await;
        assert_eq!(sent(&response), ["fav_color=dark%20blue; Path=/; SameSite=Lax"]);
        assert_eq!(body(response).await, "ok");
    }

    #[tokio::test]
    async fn a_handler_reads_the_cookies_of_all_headers() {
        assert_eq!(body(answer("/later", &["a=b", "fav_color=dark%20blue"]).await).await, "dark blue");
        assert_eq!(body(answer("/later", &[]).await).await, "<unset>");
    }

    #[tokio::test]
    async fn a_handler_forgets_a_cookie() {
        let response = answer("/forget", &[]).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        assert_eq!(sent(&response), [RemoveCookie::new("fav_color").to_header().expect("a good cookie")]);
    }

    #[tokio::test]
    async fn a_cookie_that_browsers_refuse_is_a_500_and_nothing_else() {
        let response = answer("/wrong", &[]).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(sent(&response), [""; 0]);
        assert_eq!(body(response).await, "");
    }

    #[tokio::test]
    async fn several_cookies_are_several_headers() {
        let response = answer("/several", &[]).await;
        assert_eq!(sent(&response), ["a=1; Path=/; SameSite=Lax", "b=2; Path=/; SameSite=Lax"]);
    }
}
