use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{FromRequest, Request};
use http::header::CONTENT_TYPE;
use http::{Extensions, HeaderMap};
use http_body::{Frame, SizeHint};

use crate::rejection::ViewRejection;

/// The maximum number of fields in a form. Once a template reads a field, every field of the form uses about a hundred
/// bytes of memory.
const MAX_FIELDS: usize = 10_000;

/// The body of a form, which both a template and a later extractor can read.
pub(crate) struct FormBody {
    /// This is a standard mutex, because the critical sections are short and never span an await.
    state: Mutex<State>,
}

enum State {
    /// The body has not been read yet.
    Untouched(Body),
    /// The body is being streamed to another reader.
    Streaming(Body),
    /// The body was read for a template. Later readers get a copy.
    Kept(Bytes),
    /// The body is being read for a template, or reading it failed.
    Taken,
}

/// The form that a template can read.
#[derive(Debug, Clone)]
pub(crate) enum Form {
    /// The request has no form.
    None,
    Whole(Bytes),
    /// Another reader has consumed the form.
    Consumed,
}

impl FormBody {
    /// Moves the body of a form out of its request, and replaces it with a body that reads from the shared state.
    pub(crate) fn share(request: &mut Request) {
        if !is_form(request.headers()) {
            return;
        }
        let body = std::mem::take(request.body_mut());
        let shared = Arc::new(Self { state: Mutex::new(State::Untouched(body)) });
        *request.body_mut() = Body::new(Tap { shared: Arc::clone(&shared), done: false });
        request.extensions_mut().insert(shared);
    }

    /// Reads the whole form of a request that has been [shared](Self::share). The size limit is axum's
    /// `DefaultBodyLimit`: 2 MiB, or the value that the application sets.
    pub(crate) async fn read(extensions: &Extensions) -> Result<Form, ViewRejection> {
        let Some(shared) = extensions.get::<Arc<Self>>() else { return Ok(Form::None) };
        let body = {
            let mut state = shared.lock();
            match std::mem::replace(&mut *state, State::Taken) {
                State::Untouched(body) => body,
                State::Kept(bytes) => {
                    *state = State::Kept(bytes.clone());
                    return Ok(Form::Whole(bytes));
                }
                other => {
                    *state = other;
                    return Ok(Form::Consumed);
                }
            }
        };
        let mut limited = Request::new(body);
        *limited.extensions_mut() = extensions.clone();
        let bytes = Bytes::from_request(limited, &()).await.map_err(ViewRejection::Form)?;
        if bytes.iter().filter(|byte| **byte == b'&').count() >= MAX_FIELDS {
            return Err(ViewRejection::TooManyFields);
        }
        *shared.lock() = State::Kept(bytes.clone());
        Ok(Form::Whole(bytes))
    }

    /// Locks the state. Poisoning is ignored, because a panic under the lock cannot leave the state partially changed.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The body that replaces the original body of the request.
struct Tap {
    shared: Arc<FormBody>,
    done: bool,
}

impl HttpBody for Tap {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        let mut state = this.shared.lock();
        if let State::Untouched(body) = &mut *state {
            *state = State::Streaming(std::mem::take(body));
        }
        match &mut *state {
            State::Streaming(body) => Pin::new(body).poll_frame(context),
            State::Kept(bytes) if !this.done && !bytes.is_empty() => {
                this.done = true;
                Poll::Ready(Some(Ok(Frame::data(bytes.clone()))))
            }
            State::Untouched(_) | State::Kept(_) | State::Taken => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &*self.shared.lock() {
            State::Untouched(body) | State::Streaming(body) => body.is_end_stream(),
            State::Kept(bytes) => self.done || bytes.is_empty(),
            State::Taken => true,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &*self.shared.lock() {
            State::Untouched(body) | State::Streaming(body) => body.size_hint(),
            State::Kept(bytes) if !self.done => SizeHint::with_exact(bytes.len() as u64),
            State::Kept(_) | State::Taken => SizeHint::with_exact(0),
        }
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let Some(Ok(kind)) = headers.get(CONTENT_TYPE).map(|kind| kind.to_str()) else { return false };
    let essence = kind.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use http::StatusCode;

    use super::*;

    fn form(body: impl Into<Body>) -> Request {
        let mut request = Request::post("/")
            .header(CONTENT_TYPE, "Application/X-WWW-Form-URLencoded; charset=utf-8")
            .body(body.into())
            .unwrap();
        FormBody::share(&mut request);
        request
    }

    async fn rest(request: Request) -> Bytes {
        to_bytes(request.into_body(), usize::MAX).await.unwrap()
    }

    #[tokio::test]
    async fn both_the_template_and_the_next_extractor_read_the_whole_form() {
        let request = form("a=1&b=2");
        for _ in 0..2 {
            let Ok(Form::Whole(bytes)) = FormBody::read(request.extensions()).await else {
                panic!("no form")
            };
            assert_eq!(bytes, "a=1&b=2");
        }
        assert_eq!(request.body().size_hint().exact(), Some(7));
        assert_eq!(rest(request).await, "a=1&b=2");
        assert!(
            matches!(FormBody::read(form("").extensions()).await, Ok(Form::Whole(bytes)) if bytes.is_empty())
        );
    }

    #[tokio::test]
    async fn without_a_template_the_body_streams_through() {
        let request = form("a=1");
        let extensions = request.extensions().clone();
        assert_eq!(request.body().size_hint().exact(), Some(3));
        assert_eq!(rest(request).await, "a=1");
        assert!(matches!(FormBody::read(&extensions).await, Ok(Form::Consumed)));
    }

    #[tokio::test]
    async fn other_bodies_are_left_alone() {
        let mut request =
            Request::post("/").header(CONTENT_TYPE, "application/json").body(Body::from("{}")).unwrap();
        FormBody::share(&mut request);
        assert!(matches!(FormBody::read(request.extensions()).await, Ok(Form::None)));
        assert_eq!(rest(request).await, "{}");
    }

    #[tokio::test]
    async fn a_form_over_the_limit_is_refused() {
        const LIMIT: usize = 2 * 1024 * 1024;
        assert!(FormBody::read(form(vec![b'a'; LIMIT]).extensions()).await.is_ok());
        let rejection = FormBody::read(form(vec![b'a'; LIMIT + 1]).extensions()).await.unwrap_err();
        assert_eq!(
            axum::response::IntoResponse::into_response(rejection).status(),
            StatusCode::PAYLOAD_TOO_LARGE
        );
    }

    #[tokio::test]
    async fn so_is_one_of_too_many_fields() {
        assert!(FormBody::read(form("&".repeat(MAX_FIELDS - 1)).extensions()).await.is_ok());
        let rejection = FormBody::read(form("&".repeat(MAX_FIELDS)).extensions()).await.unwrap_err();
        assert!(matches!(rejection, ViewRejection::TooManyFields));
    }
}
