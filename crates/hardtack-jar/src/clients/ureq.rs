//! Sends requests with a `ureq` 3 agent and the cookies of a [`SharedJar`].
//!
//! `ureq` calls a middleware only once for a request and all of its redirects, and does not pass it the headers of an
//! error response. If a login sets a cookie and redirects, a middleware would neither store this cookie nor send it
//! with the redirected request. This module therefore sends the request after each redirect separately.

use ::http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, DATE, LOCATION, SET_COOKIE};
use ::http::{HeaderValue, Method, Request, Response, StatusCode, Uri};
use ::ureq::{Agent, AsSendBody, Body, Error};
use url::Url;

use super::SharedJar;
use crate::request::RequestContext;
use crate::set_cookie::cookie_date;

impl SharedJar {
    /// Runs a request like [`Agent::run`], but with the jar's cookies. Stores the cookies that the response and each
    /// redirect set.
    ///
    /// ```no_run
    /// use hardtack_jar::{Jar, SharedJar};
    /// use ureq::http::Request;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let cookies = SharedJar::new(Jar::new());
    /// let agent = ureq::Agent::new_with_defaults();
    /// let login = Request::post("https://example.com/login").body("name=jane")?;
    /// let page = cookies.run(&agent, login)?.body_mut().read_to_string()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// The agent's settings apply: `max_redirects`, `max_redirects_will_error`, `http_status_as_error`, and all others.
    /// Timeouts apply separately to the request after each redirect. A redirect that requires the same body again (307
    /// and 308) is returned instead of followed, because the body has already been sent. If the agent is `https_only`,
    /// a redirect to `http` is an error. `Authorization` is sent only with the first request.
    ///
    /// # Errors
    ///
    /// Fails in the same cases as [`Agent::run`].
    pub fn run(&self, agent: &Agent, request: Request<impl AsSendBody>) -> Result<Response<Body>, Error> {
        let mut next = next_request(&request);
        let mut response = self.run_once(agent, request)?;
        let config = agent.config();
        let mut redirects = 0;
        while let Some(uri) = redirect(&next, &response) {
            if redirects == config.max_redirects() {
                if redirects > 0 && config.max_redirects_will_error() {
                    return Err(Error::TooManyRedirects);
                }
                break;
            }
            redirects += 1;
            *next.uri_mut() = uri;
            if !matches!(*next.method(), Method::GET | Method::HEAD) && !keeps_method(response.status()) {
                *next.method_mut() = Method::GET;
                next.headers_mut().remove(CONTENT_TYPE);
            }
            response = self.run_once(agent, next.clone())?;
        }
        let status = response.status();
        let is_error = status.is_client_error() || status.is_server_error();
        if is_error && config.http_status_as_error() {
            Err(Error::StatusCode(status.as_u16()))
        } else {
            Ok(response)
        }
    }

    fn run_once(
        &self,
        agent: &Agent,
        mut request: Request<impl AsSendBody>,
    ) -> Result<Response<Body>, Error> {
        let uri = request.uri().clone();
        // If the URL is invalid, the agent reports the error.
        let context = RequestContext::uri(&uri).ok();
        if let Some(context) = &context {
            self.read(|jar| jar.put_header(context, request.headers_mut(), self.now()));
        }
        let request = agent.configure_request(request).max_redirects(0).http_status_as_error(false).build();
        let response = agent.run(request)?;
        if let Some(context) = context {
            let headers = response.headers();
            let date = headers.get(DATE).and_then(cookie_date);
            let context = date.map_or_else(|| context.clone(), |date| context.clone().date(date));
            let lines = headers.get_all(SET_COOKIE).iter().map(HeaderValue::as_bytes);
            self.receive(&context, &uri.to_string(), lines);
        }
        Ok(response)
    }
}

/// Returns a copy of a request to send after a redirect, without the body and the headers that must not be repeated.
fn next_request<S>(request: &Request<S>) -> Request<()> {
    let mut next = Request::new(());
    *next.method_mut() = request.method().clone();
    *next.uri_mut() = request.uri().clone();
    *next.headers_mut() = request.headers().clone();
    *next.extensions_mut() = request.extensions().clone();
    for header in [AUTHORIZATION, CONTENT_LENGTH, COOKIE] {
        next.headers_mut().remove(header);
    }
    next
}

/// Returns the URL to which a response redirects, or `None` if the response is not a redirect, if the redirect requires
/// the body again, or if the URL is missing or invalid.
fn redirect(request: &Request<()>, response: &Response<Body>) -> Option<Uri> {
    let status = response.status();
    let is_redirect = matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308);
    let has_body = matches!(*request.method(), Method::POST | Method::PUT | Method::PATCH);
    if !is_redirect || has_body && keeps_method(status) {
        return None;
    }
    let location = str::from_utf8(response.headers().get(LOCATION)?.as_bytes()).ok()?;
    let mut url = Url::parse(&request.uri().to_string()).ok()?.join(location).ok()?;
    url.set_fragment(None);
    url.as_str().parse().ok()
}

fn keeps_method(status: StatusCode) -> bool {
    matches!(status, StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT)
}
