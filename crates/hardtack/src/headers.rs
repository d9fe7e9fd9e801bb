use hardtack_core::session::Origin;
use http::header::Entry;
use http::{HeaderMap, HeaderValue, header};

use crate::config::Config;

/// What the session adds to the response.
#[derive(Default)]
pub(crate) struct Headers {
    cookie: Option<HeaderValue>,
    /// Whether the response depends on the session.
    vary: bool,
    /// Whether it shows what was in the session, so that no cache may show it to others.
    private: bool,
    /// The bytes of all cookies that the browser sent.
    sent_bytes: usize,
}

/// What all cookies of a site may have together. Many servers and proxies refuse a longer header.
const MAX_COOKIE_BYTES: usize = 8192;

impl Headers {
    /// Of a response that sets or removes the cookie.
    pub(crate) fn with_cookie(cookie: HeaderValue, sent_bytes: usize) -> Self {
        Self { cookie: Some(cookie), vary: true, private: false, sent_bytes }
    }

    /// Of a response that leaves the cookie as it is.
    ///
    /// `Vary: Cookie` alone does not keep a page out of shared caches, many of which ignore it. So what depends on a session
    /// that is there is `private`; what a visitor without a session sees may be the same for all. Flask leaves it out.
    pub(crate) fn without_cookie(config: &Config, vary: bool, origin: Origin) -> Self {
        let private = vary && origin != Origin::New && config.flask.is_none();
        Self { cookie: None, vary, private, sent_bytes: 0 }
    }

    /// Adds them to a response's.
    pub(crate) fn add_to(self, headers: &mut HeaderMap, config: &Config) {
        if let Some(cookie) = self.cookie {
            if self.sent_bytes + cookie.len() > MAX_COOKIE_BYTES {
                config.tally.crowded(self.sent_bytes);
            }
            match headers.entry(header::SET_COOKIE) {
                Entry::Vacant(none) if config.cookie.former_removals().is_empty() => {
                    none.insert(cookie);
                }
                _ => set_among_others(headers, cookie, config),
            }
            keep_out_of_caches(headers, config);
        }
        if self.private
            && let Entry::Vacant(none) = headers.entry(header::CACHE_CONTROL)
        {
            none.insert(HeaderValue::from_static("private"));
        }
        if self.vary {
            vary_by_cookie(headers);
        }
    }
}

/// Sets the cookie beside those that the handler set. A second one of its name, with whatever attributes, would leave it to
/// the browser which of them counts (RFC 6265bis, section 4.1.1), so it is left out.
#[cold]
fn set_among_others(headers: &mut HeaderMap, cookie: HeaderValue, config: &Config) {
    let name = config.cookie.name.as_bytes();
    let is_ours = |set: &HeaderValue| {
        let pair = set.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default();
        pair.split(|byte| *byte == b'=').next().is_some_and(|other| other.trim_ascii() == name)
    };
    let all: Vec<HeaderValue> = match headers.entry(header::SET_COOKIE) {
        Entry::Vacant(_) => Vec::new(),
        Entry::Occupied(all) => all.remove_entry_mult().1.collect(),
    };
    let count = all.len();
    let others: Vec<HeaderValue> = all.into_iter().filter(|set| !is_ours(set)).collect();
    if others.len() < count {
        tracing::error!(
            name = &*config.cookie.name,
            "the handler set a cookie with the name of the session's, which was left out: give it another name"
        );
    }
    // What is removed at other attributes comes first: a browser that does not tell a host from its domain removes what
    // it has, and then gets the new one.
    let former = config.cookie.former_removals().iter().cloned();
    for set in others.into_iter().chain(former).chain([cookie]) {
        headers.append(header::SET_COOKIE, set);
    }
}

/// A shared cache that stores a response stores its `Set-Cookie` with it, and gives it to everyone.
fn keep_out_of_caches(headers: &mut HeaderMap, config: &Config) {
    match headers.entry(header::CACHE_CONTROL) {
        Entry::Vacant(none) => {
            if config.flask.is_none() {
                none.insert(HeaderValue::from_static("no-store"));
            }
        }
        Entry::Occupied(mut own) => {
            if own.iter().any(lets_others_see) {
                tracing::warn!(
                    "a response that sets the session's cookie was to be kept by shared caches, which would give one \
                     visitor's session to others: set Cache-Control only on responses that do not write the session"
                );
                if config.flask.is_none() {
                    own.insert(HeaderValue::from_static("no-store"));
                }
            }
        }
    }
}

/// Whether a shared cache may store a response and use it again without asking (RFC 9111, sections 3 and 4.2).
fn lets_others_see(cache_control: &HeaderValue) -> bool {
    let mut directives = cache_control
        .as_bytes()
        .split(|byte| *byte == b',')
        .map(|directive| directive.split(|byte| *byte == b'=').next().unwrap_or_default().trim_ascii());
    let is = |directive: &[u8], names: &[&str]| {
        names.iter().any(|name| directive.eq_ignore_ascii_case(name.as_bytes()))
    };
    let allows = directives.clone().any(|directive| is(directive, &["public", "max-age", "s-maxage"]));
    allows && !directives.any(|directive| is(directive, &["private", "no-store", "no-cache"]))
}

fn vary_by_cookie(headers: &mut HeaderMap) {
    const COOKIE: HeaderValue = HeaderValue::from_static("Cookie");
    match headers.entry(header::VARY) {
        Entry::Vacant(none) => {
            none.insert(COOKIE);
        }
        Entry::Occupied(mut others) if !others.iter().any(names_cookie) => others.append(COOKIE),
        Entry::Occupied(_) => {}
    }
}

fn names_cookie(vary: &HeaderValue) -> bool {
    let mut names = vary.as_bytes().split(|byte| *byte == b',');
    names.any(|name| name.trim_ascii().eq_ignore_ascii_case(b"cookie"))
}
