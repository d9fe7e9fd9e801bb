use hardtack_core::protocol::Origin;
use http::header::Entry;
use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::config::Config;
use crate::observe::{EventKind, Subject};
use crate::slot::Slot;

/// The headers that the session adds to the response.
#[derive(Default)]
pub(crate) struct Headers {
    cookie: Option<HeaderValue>,
    /// Whether the response depends on the session.
    vary: bool,
    /// Whether the response may show session data, so that shared caches must not store it.
    private: bool,
    /// The total size of all cookies that the browser sent, in bytes.
    sent_bytes: usize,
}

/// The maximum total size of a site's cookies, in bytes. Many servers and proxies refuse a longer header.
const MAX_COOKIE_BYTES: usize = 8192;

impl Headers {
    /// Returns the headers of a response that sets or removes the cookie.
    pub(crate) fn with_cookie(cookie: HeaderValue, sent_bytes: usize) -> Self {
        Self { cookie: Some(cookie), vary: true, private: false, sent_bytes }
    }

    /// Returns the headers of a response that leaves the cookie as it is.
    ///
    /// `Vary: Cookie` alone does not keep a page out of shared caches, because many caches ignore it. If the response
    /// depends on an existing session, `Cache-Control: private` is therefore added. It is not added for a visitor
    /// without a session, because the response may be the same for everyone. Flask does not send `private`.
    pub(crate) fn without_cookie(config: &Config, vary: bool, origin: Origin) -> Self {
        let private = vary && origin != Origin::New && config.flask().is_none();
        Self { cookie: None, vary, private, sent_bytes: 0 }
    }

    /// Adds these headers to those of a response.
    pub(crate) fn add_to(self, headers: &mut HeaderMap, slot: &Slot) {
        let config = &*slot.config;
        if let Some(cookie) = self.cookie {
            if self.sent_bytes + cookie.len() > MAX_COOKIE_BYTES {
                slot.emit(Subject::default(), EventKind::Crowded { bytes: self.sent_bytes });
            }
            let has_others = headers.append(header::SET_COOKIE, cookie);
            if has_others || !config.cookie.former_removals().is_empty() {
                set_among_others(headers, config);
            }
            if headers.contains_key(header::CACHE_CONTROL) {
                forbid_caching(headers, config);
            } else if config.flask().is_none() {
                headers.insert(header::CACHE_CONTROL, NO_STORE);
            }
        } else if self.private && headers.append(header::CACHE_CONTROL, PRIVATE) {
            // `append` returns whether the handler has set a `Cache-Control`. Usually it has not, so that no lookup is
            // needed.
            keep_only_the_handlers(headers);
        }
        if self.vary {
            vary_by_cookie(headers);
        }
    }
}

const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const PRIVATE: HeaderValue = HeaderValue::from_static("private");

/// Sorts the `Set-Cookie` headers, the last of which is the session's. Drops the handler's cookies with the session's
/// name, whatever their attributes: otherwise, the choice between them would depend on the browser (RFC 6265bis,
/// section 4.1.1).
#[cold]
fn set_among_others(headers: &mut HeaderMap, config: &Config) {
    let mut others = all_of(headers, &header::SET_COOKIE);
    headers.remove(header::SET_COOKIE);
    let own = others.pop();
    let name = config.cookie.name.as_bytes();
    let count = others.len();
    others.retain(|set| name_of(set) != name);
    if others.len() < count {
        tracing::error!(
            name = &*config.cookie.name,
            "the handler set a cookie with the name of the session cookie, so it was not sent: give it another name"
        );
    }
    // Removals of former cookies precede the session's cookie. A browser that does not distinguish a host from its
    // domain then removes its cookie before it gets the new one.
    let former = config.cookie.former_removals().iter().cloned();
    for set in others.into_iter().chain(former).chain(own) {
        headers.append(header::SET_COOKIE, set);
    }
}

/// Removes the `Cache-Control` that was added last, if the handler's own `Cache-Control` determines who may store the
/// response.
#[cold]
fn keep_only_the_handlers(headers: &mut HeaderMap) {
    let mut own = all_of(headers, &header::CACHE_CONTROL);
    let names_who_may_see = ["public", "max-age", "s-maxage", "private", "no-store", "no-cache"];
    if !has_one_of(&own[..own.len() - 1], &names_who_may_see) {
        return;
    }
    own.pop();
    headers.remove(header::CACHE_CONTROL);
    for value in own {
        headers.append(header::CACHE_CONTROL, value);
    }
}

/// Returns all values of a header. This function does not use `get_all`, because a second caller would keep the
/// compiler from inlining `get_all` and `entry` where each request calls them.
fn all_of(headers: &HeaderMap, name: &HeaderName) -> Vec<HeaderValue> {
    headers.iter().filter(|(other, _)| *other == name).map(|(_, value)| value.clone()).collect()
}

fn name_of(set_cookie: &HeaderValue) -> &[u8] {
    let end = |byte: &u8| matches!(byte, b';' | b'=');
    set_cookie.as_bytes().split(end).next().unwrap_or_default().trim_ascii()
}

/// Keeps a response that sets the cookie out of shared caches, which would store its `Set-Cookie` and send it to every
/// visitor. Under Flask's rules, this is only logged.
#[cold]
fn forbid_caching(headers: &mut HeaderMap, config: &Config) {
    if !allows_shared_caching(&all_of(headers, &header::CACHE_CONTROL)) {
        return;
    }
    tracing::warn!(
        "a response that sets the session cookie allows shared caching, which would give one visitor's session to \
         others: set Cache-Control only on responses that do not write the session"
    );
    if config.flask().is_none() {
        headers.insert(header::CACHE_CONTROL, NO_STORE);
    }
}

/// Returns whether a shared cache may store a response and reuse it without revalidation. A cache may do so unless a
/// directive forbids it: if a response does not have an explicit lifetime, the cache guesses one (RFC 9111, sections 3
/// and 4.2.2).
fn allows_shared_caching(cache_control: &[HeaderValue]) -> bool {
    !has_one_of(cache_control, &["private", "no-store", "no-cache"])
}

fn has_one_of(cache_control: &[HeaderValue], names: &[&str]) -> bool {
    cache_control.iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b',')).any(|directive| {
        let name = directive.split(|byte| *byte == b'=').next().unwrap_or_default().trim_ascii();
        names.iter().any(|one| name.eq_ignore_ascii_case(one.as_bytes()))
    })
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
