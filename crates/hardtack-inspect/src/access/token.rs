use std::fmt;
use std::sync::{Arc, OnceLock};

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, header};
use hardtack_core::base64;
use hardtack_core::cookie::Cookies;
use subtle::ConstantTimeEq;

use crate::access::AccessDenied;

/// The secret that a browser must send to see the inspector's pages: first in the URL, and then in a cookie.
#[derive(Clone)]
pub(crate) struct Token(Arc<str>);

/// The part of a request for one of the inspector's pages that contains the token.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum TokenSource {
    /// The cookie, so the inspector shows the page.
    Cookie,
    /// The URL, so the inspector stores the token in a cookie, and redirects the browser to the URL without the token.
    Url,
}

/// The minimum length of a token that a developer sets.
const MIN_TOKEN_BYTES: usize = 16;

/// The maximum length of a token. It is limited because every request to the inspector contains the token.
const MAX_TOKEN_BYTES: usize = 128;

const MISSING_TOKEN: &str = "The inspector needs its token: open the address that the application printed or logged when it \
    started (`Inspector::address`).";
const INVALID_TOKEN: &str =
    "The inspector's token is invalid: pass 16 to 128 letters, digits, `-`, or `_` to `Inspector::token`.";

impl Token {
    /// Returns the token of this process: 256 bits from the operating system's random number generator, shared by all
    /// inspectors in the process.
    pub(crate) fn of_process() -> Self {
        static TOKEN: OnceLock<Token> = OnceLock::new();
        TOKEN
            .get_or_init(|| {
                let mut random = [0; 32];
                getrandom::fill(&mut random).expect("the operating system has a random number generator");
                Self(base64::encode_url(&random).into())
            })
            .clone()
    }

    pub(crate) fn new(token: &str) -> Self {
        Self(token.into())
    }

    /// Returns which part of the request contains the token. Returns the reason as an error if the request does not
    /// contain the token, or if the token itself is invalid.
    pub(crate) fn check(&self, request: &Request) -> Result<TokenSource, AccessDenied> {
        if !self.is_valid() {
            return Err(AccessDenied::forbidden(INVALID_TOKEN));
        }
        // The URL is checked first, so that a token in the URL is always removed and does not remain in the browser's
        // history.
        if query_tokens(request.uri().query()).any(|token| self.is(token.as_bytes())) {
            return Ok(TokenSource::Url);
        }
        let name = cookie_name(request.headers());
        let cookies = Cookies::parse(request.headers().get_all(header::COOKIE));
        let has_cookie = cookies.iter_raw().any(|(other, value)| other == name.as_bytes() && self.is(value));
        if has_cookie { Ok(TokenSource::Cookie) } else { Err(AccessDenied::forbidden(MISSING_TOKEN)) }
    }

    /// Returns the `Set-Cookie` line of the cookie that stores the token. The browser sends this cookie only to the
    /// inspector's pages.
    pub(crate) fn cookie(&self, request: &Request, path: &str) -> Option<HeaderValue> {
        let name = cookie_name(request.headers());
        let secure = if request.uri().scheme_str() == Some("https") { "; Secure" } else { "" };
        let line = format!("{name}={}; Path={path}; HttpOnly; SameSite=Strict{secure}", self.0);
        HeaderValue::try_from(line).ok()
    }

    /// Returns the token, for use in a URL.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Compares the token with other bytes in constant time.
    fn is(&self, other: &[u8]) -> bool {
        self.0.as_bytes().ct_eq(other).into()
    }

    /// Returns whether the token has a valid length, and can be used in a URL and a cookie without escaping.
    fn is_valid(&self) -> bool {
        (MIN_TOKEN_BYTES..=MAX_TOKEN_BYTES).contains(&self.0.len())
            && self.0.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token([redacted])")
    }
}

/// Returns the path and query of a request without the token. The response that sets the cookie redirects the browser
/// to them.
pub(crate) fn without_token(request: &Request) -> String {
    let uri = request.uri();
    let kept: Vec<_> = uri
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty() && value_of(pair).is_none())
        .collect();
    match kept[..] {
        [] => uri.path().to_owned(),
        _ => format!("{}?{}", uri.path(), kept.join("&")),
    }
}

/// Returns the name of the cookie that stores the token. The port is part of the name, because a browser sends a cookie
/// to all ports of a host.
pub(crate) fn cookie_name(headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    match host.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok()) {
        Some(port) => format!("hardtack-inspect-{port}"),
        None => "hardtack-inspect".to_owned(),
    }
}

fn query_tokens(query: Option<&str>) -> impl Iterator<Item = &str> {
    query.unwrap_or_default().split('&').filter_map(value_of)
}

fn value_of(pair: &str) -> Option<&str> {
    pair.strip_prefix("token=")
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    const TOKEN: &str = "a-token-that-is-long-enough";

    fn check(token: &str, uri: &str, cookie: Option<&str>) -> Result<TokenSource, &'static str> {
        let mut request = Request::builder().uri(uri).header("host", "localhost:3000");
        if let Some(cookie) = cookie {
            request = request.header("cookie", cookie);
        }
        let request = request.body(Body::empty()).unwrap();
        Token::new(token).check(&request).map_err(|denied| denied.sentence)
    }

    #[test]
    fn o18_only_the_complete_token_grants_access() {
        let cookie = format!("theme=dark; hardtack-inspect-3000={TOKEN}");
        assert_eq!(check(TOKEN, "/inspect", Some(&cookie)), Ok(TokenSource::Cookie));
        assert_eq!(check(TOKEN, &format!("/inspect?a=1&token={TOKEN}"), None), Ok(TokenSource::Url));
        for (uri, cookie) in [
            ("/inspect", None),
            ("/inspect?token=", None),
            ("/inspect?token=a-token-that-is-long-enoug", None),
            ("/inspect?token=a-token-that-is-long-enough%20", None),
            ("/inspect", Some("hardtack-inspect-3000=")),
            ("/inspect", Some("hardtack-inspect-3000=A-token-that-is-long-enough")),
            ("/inspect", Some("hardtack-inspect-3001=a-token-that-is-long-enough")),
        ] {
            assert_eq!(check(TOKEN, uri, cookie), Err(MISSING_TOKEN), "{uri} {cookie:?}");
        }
    }

    #[test]
    fn token_that_is_short_or_needs_escapes_grants_no_access() {
        for token in
            ["", "short", "fifteen-letters", "a token that is long enough", "token;that;is;long;enough"]
        {
            let cookie = format!("hardtack-inspect-3000={token}");
            assert_eq!(check(token, "/inspect", Some(&cookie)), Err(INVALID_TOKEN), "{token}");
        }
        assert_eq!(check(&"a".repeat(129), "/inspect", None), Err(INVALID_TOKEN));
    }

    #[test]
    fn redirect_keeps_everything_except_the_token() {
        for (uri, kept) in [
            ("/inspect?token=x", "/inspect"),
            ("/inspect/jar?browser=this&token=x&only=changes&", "/inspect/jar?browser=this&only=changes"),
        ] {
            let request = Request::builder().uri(uri).body(Body::empty()).unwrap();
            assert_eq!(without_token(&request), kept);
        }
    }

    #[test]
    fn process_has_one_token_of_256_bits() {
        let token = Token::of_process();
        assert_eq!((token.as_str().len(), token.is_valid()), (43, true));
        assert_eq!(Token::of_process().as_str(), token.as_str());
        assert_eq!(format!("{token:?}"), "Token([redacted])");
    }
}
