use std::time::{Duration, SystemTime};

use hardtack_chromium::{BrowserCookie, SameSite};
use tour::Kind;

/// The clocks agree, but `Expires` has a resolution of one second.
const SLACK: Duration = Duration::from_secs(1);

/// The expected entry for a cookie in the browser's list.
#[derive(Debug, Clone)]
pub(crate) struct Expected {
    pub(crate) name: &'static str,
    value: Value,
    path: &'static str,
    lives: Option<Duration>,
    http_only: bool,
    secure: bool,
    same_site: Option<SameSite>,
    partition: Option<&'static str>,
}

#[derive(Debug, Clone)]
enum Value {
    Exactly(String),
    Session(Kind),
}

impl Expected {
    /// Creates an expectation for a cookie with only a name and a value.
    pub(crate) fn new(name: &'static str, value: impl Into<String>) -> Self {
        Self {
            name,
            value: Value::Exactly(value.into()),
            path: "/",
            lives: None,
            http_only: false,
            secure: false,
            same_site: Some(SameSite::Lax),
            partition: None,
        }
    }

    /// Creates an expectation for the session cookie.
    pub(crate) fn session(kind: Kind) -> Self {
        let value = Value::Session(kind);
        Self { value, http_only: true, secure: true, ..Self::new("__Host-session", "") }
    }

    /// Creates an expectation for the cookie that stores the visitor's choice of kind.
    pub(crate) fn kind(kind: Kind) -> Self {
        Self::new("kind", kind.to_string()).lives(30 * 24 * 3600).http_only()
    }

    pub(crate) fn lives(self, seconds: u64) -> Self {
        Self { lives: Some(Duration::from_secs(seconds)), ..self }
    }

    pub(crate) fn http_only(self) -> Self {
        Self { http_only: true, ..self }
    }

    pub(crate) fn secure(self) -> Self {
        Self { secure: true, ..self }
    }

    pub(crate) fn strict(self) -> Self {
        Self { same_site: Some(SameSite::Strict), ..self }
    }

    pub(crate) fn no_same_site(self) -> Self {
        Self { same_site: None, ..self }
    }

    pub(crate) fn at(self, path: &'static str) -> Self {
        Self { path, ..self }
    }

    pub(crate) fn partitioned(self, site: &'static str) -> Self {
        Self { partition: Some(site), ..self }
    }

    /// Compares everything that the browser reports. The cookie was set between `since` and `now`.
    pub(crate) fn check(
        &self,
        cookie: &BrowserCookie,
        since: SystemTime,
        now: SystemTime,
    ) {
        match &self.value {
            Value::Exactly(value) => assert_eq!(&cookie.value, value, "{cookie:?}"),
            Value::Session(kind) => {
                assert!(is_session(*kind, &cookie.value), "{kind}: {cookie:?}")
            }
        }
        assert_eq!(
            (cookie.domain.as_str(), cookie.path.as_str()),
            ("localhost", self.path),
            "{cookie:?}"
        );
        assert_eq!(cookie.size, cookie.name.len() + cookie.value.len(), "{cookie:?}");
        assert_eq!(
            (cookie.http_only, cookie.secure),
            (self.http_only, self.secure),
            "{cookie:?}"
        );
        assert_eq!(
            (cookie.same_site, cookie.partition.as_deref()),
            (self.same_site, self.partition),
            "{cookie:?}"
        );
        match (self.lives, cookie.expires) {
            (None, None) => {}
            (Some(lives), Some(expires)) => {
                assert!(
                    since + lives <= expires + SLACK && expires <= now + lives + SLACK,
                    "{cookie:?}"
                );
            }
            (lives, _) => panic!("lives for {lives:?}: {cookie:?}"),
        }
    }
}

/// Returns whether a value has the format of a kind of session: payload, timestamp, and signature; one encrypted token;
/// or an id of 256 bits.
fn is_session(kind: Kind, value: &str) -> bool {
    let is_base64 = value
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    let dots = value.trim_start_matches('.').matches('.').count();
    is_base64
        && match kind {
            Kind::Signed => dots == 2,
            Kind::Encrypted => dots == 0 && value.len() > 60,
            Kind::Stored => dots == 0 && value.len() == 43,
        }
}
