//! What is wrong with a layer's settings, as far as it can be judged before the first request.
//!
//! What can never work, or contradicts another setting, is an error. What works, but less safely or for a shorter time than
//! it seems, is a warning in the log at start.

use std::time::Duration;

use hardtack_core::cookie::SameSite;
use hardtack_core::crypto::Times;
use hardtack_core::session::{Lifetime, SessionId};
use hardtack_core::{Error, ErrorKind};

use crate::config::{Config, Keep, Kind, Settings};
use crate::sealed::seal;
use crate::session_cookie::MAX_COOKIE_AGE;
use crate::size::MOST_BYTES;

/// Every end is in whole seconds.
const SHORTEST: Duration = Duration::from_secs(1);

/// # Errors
///
/// The first thing that cannot work, as a sentence that names the fix.
pub(crate) fn check(settings: &Settings) -> Result<(), Error> {
    times(settings)?;
    partitioning(settings)?;
    let former = settings.former.iter().filter_map(|(domain, _)| domain.as_deref());
    settings.domain.as_deref().into_iter().chain(former).try_for_each(domain)
}

/// Whether a browser would keep the cookie of an empty session.
///
/// # Errors
///
/// If its name alone makes it too large.
pub(crate) fn size(config: &Config) -> Result<(), Error> {
    let value = match &config.kind {
        Kind::Stored { .. } => SessionId::from_random([0; 32]).to_text().len(),
        Kind::Signed { .. } | Kind::Encrypted { .. } => {
            let times = Times { issued_at: 0, expires_at: 0, deadline: 0 };
            seal(config, times, "{}", ["", ""]).map_or(0, |value| value.len())
        }
    };
    let size = config.cookie.size(value);
    if size <= MOST_BYTES {
        return Ok(());
    }
    mistake(format!(
        "the session's cookie is {size} bytes before anything is in it, and browsers ignore cookies over {MOST_BYTES} \
         bytes: give it a shorter name"
    ))
}

/// What is worth a warning.
pub(crate) fn warnings(settings: &Settings) -> Vec<String> {
    let mut warnings = Vec::new();
    let mut warn = |sentence: String| warnings.push(sentence);
    if !settings.secure && settings.flask.is_none() {
        warn("sessions go over plain http, where anyone on the way can take them over".to_owned());
    }
    if !settings.secure && settings.flask.is_some() {
        warn(
            "like_flask() sends the session over plain http too, as Flask does by default: call secure() for a site \
             that is served over https"
                .to_owned(),
        );
    }
    if let Some(domain) = &settings.domain {
        warn(format!(
            "domain({domain:?}) sends the session to every host under that domain, each of which can also set it, and \
             rules out the name prefix `__Host-`: leave it out unless several hosts share the session"
        ));
    }
    if let Some((setting, age)) = longest(settings).filter(|(_, age)| *age > MAX_COOKIE_AGE) {
        warn(format!(
            "{setting} is {age:?}, but browsers keep no cookie for more than 400 days: a permanent session is forgotten \
             by the browser 400 days after its cookie was last set"
        ));
    }
    if settings.flask.is_some() && settings.partitioned && settings.same_site != Some(SameSite::None) {
        warn(
            "partitioned() has no effect without same_site(SameSite::None): embedded in another site, the cookie is not \
             sent"
            .to_owned(),
        );
    }
    if settings.flask.is_some() && !settings.secure && settings.same_site == Some(SameSite::None) {
        warn("browsers refuse `SameSite=None` without `Secure`: call secure() after like_flask()".to_owned());
    }
    if settings.flask.is_some() && longest(settings).is_some_and(|(_, age)| age < SHORTEST) {
        warn("max_age is less than a second: sessions end before the browser can send them back".to_owned());
    }
    warnings
}

fn times(settings: &Settings) -> Result<(), Error> {
    let default = Lifetime::new().idle_timeout();
    match &settings.keep {
        // Flask accepts any lifetime.
        Keep::Signed { .. } if settings.flask.is_some() => Ok(()),
        Keep::Signed { max_age, .. } => long_enough("max_age", *max_age),
        Keep::Encrypted { max_age, absolute, .. } => {
            long_enough("max_age", *max_age)?;
            long_enough("absolute_timeout", *absolute)?;
            within("max_age", *max_age, *absolute, default)
        }
        Keep::Stored { lifetime, .. } => {
            let (idle, absolute) = (lifetime.idle_timeout(), lifetime.absolute_timeout());
            long_enough("idle_timeout", idle)?;
            long_enough("absolute_timeout", absolute)?;
            within("idle_timeout", idle, absolute, default)?;
            let touch = lifetime.touch_interval();
            if touch >= idle {
                return mistake(format!(
                    "touch_after is {touch:?} and idle_timeout {idle:?}, so that a session ends before its use is \
                     noted: make touch_after shorter, and call it after idle, which sets both"
                ));
            }
            Ok(())
        }
    }
}

fn long_enough(setting: &str, time: Duration) -> Result<(), Error> {
    if time >= SHORTEST {
        return Ok(());
    }
    mistake(format!(
        "{setting} is {time:?}, so that a session ends before the browser can send it back: make it at least a second"
    ))
}

/// A default that is longer than the absolute timeout is not what anyone asked for, and simply never comes to bear.
fn within(setting: &str, time: Duration, absolute: Duration, default: Duration) -> Result<(), Error> {
    if time <= absolute || time == default {
        return Ok(());
    }
    mistake(format!(
        "{setting} is {time:?}, but every session ends after the absolute_timeout of {absolute:?}: raise \
         absolute_timeout, or shorten {setting}"
    ))
}

/// The longest time for which a cookie can be meant to last.
fn longest(settings: &Settings) -> Option<(&'static str, Duration)> {
    match &settings.keep {
        // Flask's own dates have no limit but the year 9999.
        Keep::Signed { max_age, .. } | Keep::Encrypted { max_age, .. } => Some(("max_age", *max_age)),
        Keep::Stored { lifetime, .. } => Some(("absolute_timeout", lifetime.absolute_timeout())),
    }
}

fn partitioning(settings: &Settings) -> Result<(), Error> {
    // Werkzeug adds `Secure` by itself.
    if !settings.partitioned || settings.flask.is_some() {
        return Ok(());
    }
    if !settings.secure {
        return mistake("a partitioned cookie needs `Secure`: drop insecure_http(), or partitioned()");
    }
    if settings.same_site != Some(SameSite::None) {
        return mistake(
            "partitioned() is for pages that other sites embed, where a cookie is sent only with `SameSite=None`: add \
             same_site(SameSite::None), or drop partitioned()",
        );
    }
    Ok(())
}

/// A domain that is a public suffix would make one cookie of all sites under it: browsers refuse that.
fn domain(domain: &str) -> Result<(), Error> {
    let bare = domain.trim_start_matches('.').to_ascii_lowercase();
    if bare.is_empty() || !is_public_suffix(&bare) {
        return Ok(());
    }
    mistake(format!(
        "browsers refuse cookies for {domain:?}, under which anyone can have a site: set the domain of your own site, as \
         `example.{bare}`, or leave it out"
    ))
}

/// By the list's own last rule each single label is one. The list itself, which changes every week, is behind a feature.
fn is_public_suffix(domain: &str) -> bool {
    #[cfg(feature = "public-suffixes")]
    if psl::suffix_str(domain) == Some(domain) {
        return true;
    }
    !domain.contains('.')
}

fn mistake<T>(sentence: impl Into<std::borrow::Cow<'static, str>>) -> Result<T, Error> {
    Err(Error::new(ErrorKind::Config, sentence))
}
