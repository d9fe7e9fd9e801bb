use std::fmt;
use std::marker::PhantomData;

use crate::marker::Main;
use crate::slot::SessionRejection;

/// The logged-in user. As an extractor, `User` rejects requests without a login.
///
/// ```
/// # use hardtack_jar::Browser;
/// # use axum::{Router, routing::get};
/// # use hardtack::{MemoryStore, Session, SessionLayer};
/// use hardtack::User;
///
/// async fn profile(user: User) -> String {
///     format!("Hello {}", user.id())
/// }
///
/// async fn home(user: Option<User>) -> String {
///     user.map_or("Hello stranger".to_owned(), |user| format!("Hello {}", user.id()))
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let app: Router = Router::new().route("/profile", get(profile)).route("/", get(home))
/// #     .route("/in", get(|session: Session| async move { session.log_in(7) }))
/// #     .layer(SessionLayer::stored(MemoryStore::new()));
/// # let browser = Browser::new(app);
/// # assert_eq!(browser.get("/profile").await?.status(), 401);
/// # assert_eq!(browser.get("/").await?.text(), "Hello stranger");
/// # browser.get("/in").await?;
/// # assert_eq!(browser.get("/profile").await?.text(), "Hello 7");
/// # assert_eq!(browser.get("/").await?.text(), "Hello 7");
/// # Ok(())
/// # }
/// ```
///
/// Without a login, the response is a 401. If a [`login_path`](crate::SessionLayer::login_path) is set and the
/// request's method is `GET` or `HEAD`, the response redirects to that path instead. The requested path is then in the
/// query as `next`, which [`NextPath`](crate::NextPath) reads. `Option<User>` accepts requests without a login.
pub struct User<K = Main> {
    id: String,
    marker: PhantomData<fn() -> K>,
}

impl<K> User<K> {
    pub(crate) fn new(id: String) -> Self {
        Self { id, marker: PhantomData }
    }

    /// Returns the user passed to [`Session::log_in`](crate::Session::log_in), as a string.
    pub fn id(&self) -> &str {
        &self.id
    }
}

impl<K> Clone for User<K> {
    fn clone(&self) -> Self {
        Self::new(self.id.clone())
    }
}

/// Redacted: a user's name does not belong in a log.
impl<K> fmt::Debug for User<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("User([redacted])")
    }
}

/// The rejection of a request without a [`User`].
#[derive(Debug)]
#[non_exhaustive]
pub enum UserRejection {
    /// The session could not be opened.
    Session(SessionRejection),
    /// No user is logged in.
    NotLoggedIn {
        /// The location of the login page, with the path to return to; `None` if the response is a 401.
        login: Option<String>,
    },
}

#[cfg(feature = "axum08")]
mod axum08 {
    use axum_core::extract::{FromRequestParts, OptionalFromRequestParts};
    use axum_core::response::{IntoResponse, Response};
    use http::request::Parts;
    use http::{Method, StatusCode, header};

    use super::{User, UserRejection};
    use crate::next_path::NextPath;
    use crate::session::Session;
    use crate::slot::SessionRejection;

    impl<S: Sync, K: 'static> FromRequestParts<S> for User<K> {
        type Rejection = UserRejection;

        async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, UserRejection> {
            let session = Session::<K>::open(&parts.extensions, &parts.headers)
                .await
                .map_err(UserRejection::Session)?;
            match session.user() {
                Some(id) => Ok(User::new(id)),
                None => Err(UserRejection::NotLoggedIn { login: login_location(&session, parts) }),
            }
        }
    }

    impl<S: Sync, K: 'static> OptionalFromRequestParts<S> for User<K> {
        type Rejection = SessionRejection;

        async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, SessionRejection> {
            let session = Session::<K>::open(&parts.extensions, &parts.headers).await?;
            Ok(session.user().map(User::new))
        }
    }

    /// Returns the location of the login page, if a `login_path` is set and the request's method is `GET` or `HEAD`.
    /// After another method, such as `POST`, a login could not redirect back.
    fn login_location<K: 'static>(session: &Session<K>, parts: &Parts) -> Option<String> {
        let slot = session.slot();
        let login = slot.config.login_path.as_ref()?;
        if !matches!(parts.method, Method::GET | Method::HEAD) {
            return None;
        }
        let requested_uri = slot.requested_uri.as_deref().unwrap_or(&parts.uri);
        let back = requested_uri.path_and_query().and_then(|path| NextPath::parse(path.as_str()));
        Some(login.location(&back.unwrap_or_default()))
    }

    impl IntoResponse for UserRejection {
        fn into_response(self) -> Response {
            match self {
                Self::Session(rejection) => rejection.into_response(),
                Self::NotLoggedIn { login: Some(login) } => {
                    (StatusCode::SEE_OTHER, [(header::LOCATION, login)]).into_response()
                }
                Self::NotLoggedIn { login: None } => StatusCode::UNAUTHORIZED.into_response(),
            }
        }
    }
}

impl fmt::Display for UserRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Session(rejection) => rejection.fmt(f),
            Self::NotLoggedIn { .. } => f.write_str("no user is logged in"),
        }
    }
}

impl std::error::Error for UserRejection {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Session(rejection) => rejection.source(),
            Self::NotLoggedIn { .. } => None,
        }
    }
}
