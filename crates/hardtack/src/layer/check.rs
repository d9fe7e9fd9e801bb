//! Checks of a layer's settings that are possible before the first request.
//!
//! Settings that can never work, or that contradict each other, are errors. Settings that work, but less safely or for
//! a shorter time than they seem to, are logged as warnings at startup.

use std::time::Duration;

use hardtack_core::Error;
use hardtack_core::cookie::{MAX_COOKIE_SIZE, SameSite};
use hardtack_core::crypto::Times;
use hardtack_core::protocol::{Lifetime, SessionId};

use crate::config::{Backend, Config, MAX_COOKIE_AGE};
use crate::layer::backend_settings::Prepare;
use crate::layer::settings::{Settings, mistake};

/// The minimum lifetime of a session: one second, because expiries are measured in whole seconds.
const MIN_LIFETIME: Duration = Duration::from_secs(1);

/// Checks the settings.
///
/// # Errors
///
/// Returns an error for the first setting that can never work. The message names the fix.
pub(crate) fn check(settings: &Settings, backend: &dyn Prepare) -> Result<(), Error> {
    backend.check()?;
    partitioning(settings, backend)?;
    let former = settings.former.iter().filter_map(|(domain, _)| domain.as_deref());
    settings.domain.as_deref().into_iter().chain(former).try_for_each(domain)
}

/// Checks that a browser would accept the cookie of an empty session.
///
/// # Errors
///
/// Returns an error if the cookie's name alone makes the cookie too large.
pub(crate) fn size(config: &Config) -> Result<(), Error> {
    let value = match &config.backend {
        Backend::Store(_) => SessionId::from_random([0; 32]).to_text().len(),
        Backend::Cookie(backend) => {
            let times = Times::new(0);
            backend.codec.encode(times, "{}", ["", ""]).map_or(0, |value| value.len())
        }
    };
    let size = config.cookie.size(value);
    if size <= MAX_COOKIE_SIZE {
        return Ok(());
    }
    mistake(format!(
        "the session cookie is {size} bytes even when the session is empty, and browsers ignore cookies over \
         {MAX_COOKIE_SIZE} bytes: give it a shorter name"
    ))
}

/// Returns the warnings to log at startup.
pub(crate) fn warnings(settings: &Settings, backend: &dyn Prepare) -> Vec<String> {
    let is_like_flask = backend.is_like_flask();
    let (setting, longest) = backend.longest();
    let mut warnings = Vec::new();
    let mut warn = |sentence: String| warnings.push(sentence);
    if !settings.secure && !is_like_flask {
        warn(
            "session cookies are sent over plain HTTP, where anyone on the network can steal them".to_owned(),
        );
    }
    if !settings.secure && is_like_flask {
        warn(
            "like_flask() also sends the session over plain HTTP, as Flask does by default: call secure() if the \
             site is served over HTTPS"
                .to_owned(),
        );
    }
    if let Some(domain) = &settings.domain {
        warn(format!(
            "domain({domain:?}) sends the session to every host under that domain, lets each of them set it, and \
             rules out the name prefix `__Host-`: remove it unless several hosts share the session"
        ));
    }
    if longest > MAX_COOKIE_AGE {
        warn(format!(
            "{setting} is {longest:?}, but browsers keep a cookie for at most 400 days: a permanent session is \
             lost 400 days after its cookie was last set"
        ));
    }
    if is_like_flask && settings.partitioned && settings.same_site != Some(SameSite::None) {
        warn(
            "partitioned() has no effect without same_site(SameSite::None): browsers do not send the cookie when \
             the page is embedded in another site"
            .to_owned(),
        );
    }
    if is_like_flask && !settings.secure && settings.same_site == Some(SameSite::None) {
        warn("browsers reject `SameSite=None` without `Secure`: call secure() after like_flask()".to_owned());
    }
    if is_like_flask && longest < MIN_LIFETIME {
        warn("max_age is less than a second: sessions end before the browser can send them back".to_owned());
    }
    warnings
}

/// Checks that a duration is at least one second.
///
/// # Errors
///
/// Returns an error if `time` is shorter.
pub(crate) fn long_enough(setting: &str, time: Duration) -> Result<(), Error> {
    if time >= MIN_LIFETIME {
        return Ok(());
    }
    mistake(format!(
        "{setting} is {time:?}, so a session ends before the browser can send it back: set it to at least one second"
    ))
}

/// Checks that a duration does not exceed the absolute timeout. The default duration is accepted even if it does: the
/// developer has not set it, and the session ends at the absolute timeout anyway.
///
/// # Errors
///
/// Returns an error if a session would end before `time` has passed.
pub(crate) fn within(setting: &str, time: Duration, absolute: Duration) -> Result<(), Error> {
    if time <= absolute || time == Lifetime::new().idle_timeout() {
        return Ok(());
    }
    mistake(format!(
        "{setting} is {time:?}, but every session ends after the absolute_timeout of {absolute:?}: raise \
         absolute_timeout, or shorten {setting}"
    ))
}

fn partitioning(settings: &Settings, backend: &dyn Prepare) -> Result<(), Error> {
    // With `like_flask`, a partitioned cookie gets `Secure` automatically, as in Werkzeug.
    if !settings.partitioned || backend.is_like_flask() {
        return Ok(());
    }
    if !settings.secure {
        return mistake("a partitioned cookie needs `Secure`: remove insecure_http() or partitioned()");
    }
    if settings.same_site != Some(SameSite::None) {
        return mistake(
            "partitioned() is for pages that other sites embed, where a cookie is sent only with `SameSite=None`: \
             add same_site(SameSite::None), or remove partitioned()",
        );
    }
    Ok(())
}

/// Refuses a public suffix as the domain. All sites under the suffix would share the cookie, so browsers refuse it.
fn domain(domain: &str) -> Result<(), Error> {
    let bare = domain.trim_start_matches('.').to_ascii_lowercase();
    if bare.is_empty() || !is_public_suffix(&bare) {
        return Ok(());
    }
    mistake(format!(
        "browsers reject cookies for {domain:?}, because anyone can register a site under it: set the domain of \
         your own site, such as `example.{bare}`, or remove it"
    ))
}

/// Returns whether a domain is a public suffix. By the default rule of the public suffix list, every domain that
/// consists of a single label is a public suffix. The list itself, which changes every week, is behind a feature.
fn is_public_suffix(domain: &str) -> bool {
    #[cfg(feature = "public-suffixes")]
    if psl::suffix_str(domain) == Some(domain) {
        return true;
    }
    !domain.contains('.')
}
