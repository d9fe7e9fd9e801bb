//! Mistakes in the settings are reported before the first request.

use std::time::Duration;

use hardtack::{AnyBackend, Encrypted, Lifetime, MemoryStore, SameSite, SessionLayer, Signed, Stored};
use http::StatusCode;
use tracing::Level;

use crate::observed;
use crate::support::{Logs, Visits, browser, keys};

fn stored() -> SessionLayer<Stored> {
    observed::stored(MemoryStore::new())
}

fn signed() -> SessionLayer<Signed> {
    observed::signed(keys())
}

fn encrypted() -> SessionLayer<Encrypted> {
    observed::encrypted(keys())
}

fn flask() -> SessionLayer<Signed> {
    signed().like_flask()
}

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Checks that each layer is rejected with a sentence that contains all of the given words, and that a request through
/// the layer is rejected too.
async fn refused(wrong: impl IntoIterator<Item = (SessionLayer<AnyBackend>, &'static [&'static str])>) {
    for (layer, words) in wrong {
        let sentence = layer.clone().check().unwrap_err().to_string();
        for word in words {
            assert!(sentence.contains(word), "{word}: {sentence}");
        }
        let reply = browser().visit(&layer, |session| async move { session.insert("a", 1) }).await;
        assert_eq!(reply.page.status(), StatusCode::INTERNAL_SERVER_ERROR, "{sentence}");
    }
}

#[tokio::test]
async fn times_that_end_a_session_before_it_comes_back_are_refused() {
    let instant = Duration::from_millis(999);
    let lifetime = |times| stored().lifetime(times);
    refused([
        (stored().idle_timeout(Duration::ZERO).into_any(), &["idle_timeout", "at least one second"] as &[_]),
        (stored().idle_timeout(instant).into_any(), &["idle_timeout is 999ms"]),
        (stored().absolute_timeout(Duration::ZERO).into_any(), &["absolute_timeout"]),
        (signed().max_age(Duration::ZERO).into_any(), &["max_age"]),
        (signed().max_age(instant).into_any(), &["max_age"]),
        (encrypted().max_age(instant).into_any(), &["max_age"]),
        (encrypted().absolute_timeout(Duration::ZERO).into_any(), &["absolute_timeout"]),
        (lifetime(Lifetime::new().touch_after(DAY)).into_any(), &["touch_after", "idle"]),
    ])
    .await;
}

#[tokio::test]
async fn a_timeout_beyond_the_absolute_one_is_refused_unless_it_is_the_default() {
    refused([
        (
            stored().idle_timeout(60 * DAY).into_any(),
            &["idle_timeout is 5184000s", "absolute_timeout of 2592000s"] as &[_],
        ),
        (encrypted().max_age(60 * DAY).into_any(), &["max_age is 5184000s", "absolute_timeout"]),
        (stored().idle_timeout(Duration::MAX).into_any(), &["absolute_timeout"]),
    ])
    .await;
    let hour = Duration::from_secs(3600);
    for layer in [
        stored().absolute_timeout(hour).into_any(),
        encrypted().absolute_timeout(hour).into_any(),
        stored().idle_timeout(60 * DAY).absolute_timeout(60 * DAY).into_any(),
        stored().idle_timeout(Duration::MAX).absolute_timeout(Duration::MAX).into_any(),
        flask().max_age(Duration::ZERO).into_any(),
    ] {
        assert!(layer.check().is_ok());
    }
}

#[tokio::test]
async fn c1_a_partitioned_cookie_needs_secure_and_same_site_none() {
    refused([
        (stored().partitioned().into_any(), &["same_site(SameSite::None)"] as &[_]),
        (stored().partitioned().same_site(SameSite::Strict).into_any(), &["same_site(SameSite::None)"]),
        (stored().partitioned().insecure_http().into_any(), &["insecure_http()"]),
    ])
    .await;
    assert!(stored().partitioned().same_site(SameSite::None).check().is_ok());
    // Flask accepts these settings, so the mistake is only logged.
    let logs = Logs::capture();
    assert!(flask().secure().partitioned().check().is_ok());
    assert_eq!(logs.with(Level::WARN, "SameSite::None").len(), 1);
}

#[tokio::test]
async fn u8_a_public_suffix_is_refused_as_the_domain() {
    refused([
        (stored().domain("com").into_any(), &["\"com\"", "example.com"] as &[_]),
        (stored().domain(".COM").into_any(), &["example.com"]),
        (stored().domain("localhost").into_any(), &["remove it"]),
        (flask().domain("com").into_any(), &["example.com"]),
        (stored().cookie_name("sid").formerly(Some("com"), "/").into_any(), &["example.com"]),
    ])
    .await;
    #[cfg(feature = "public-suffixes")]
    refused([
        (stored().domain("co.uk").into_any(), &["example.co.uk"] as &[_]),
        (stored().domain("github.io").into_any(), &["example.github.io"]),
    ])
    .await;
    assert!(stored().domain("example.co.uk").check().is_ok());
    assert!(stored().domain("example.test").check().is_ok());
}

#[tokio::test]
async fn a24_a_cookie_that_cannot_fit_is_refused() {
    let name = |bytes| "n".repeat(bytes);
    refused([
        (stored().cookie_name(name(4054)).into_any(), &["4097 bytes", "shorter name"] as &[_]),
        (signed().cookie_name(name(4090)).into_any(), &["shorter name"]),
        (encrypted().cookie_name(name(4090)).into_any(), &["shorter name"]),
        (flask().cookie_name(name(4090)).into_any(), &["shorter name"]),
        (stored().path(format!("/{}", name(1024))).into_any(), &["1024"]),
        (flask().path(format!("/{}", name(1024))).into_any(), &["1024"]),
    ])
    .await;
    let layer = stored().cookie_name(name(4053)).check().unwrap();
    let reply = browser().visit(&layer, |session| async move { session.insert("a", 1) }).await;
    let set = reply.page.set_cookies()[0];
    assert_eq!(set.split(';').next().unwrap().len(), 4096 + "=".len());
}

#[tokio::test]
async fn like_flask_what_a_browser_would_refuse_is_refused_too() {
    refused([
        (flask().cookie_name("a;b").into_any(), &["`;`"] as &[_]),
        (flask().cookie_name("a b").into_any(), &["a space"]),
        (flask().cookie_name("").into_any(), &["no name"]),
        (flask().cookie_name("__Host-session").into_any(), &["Secure"]),
        (flask().secure().cookie_name("__Host-session").domain("example.com").into_any(), &["__Secure-"]),
        (flask().domain("exam ple").into_any(), &["domain"]),
    ])
    .await;
    // Flask applications send this cookie over plain HTTP, so it remains possible.
    let logs = Logs::capture();
    assert!(flask().same_site(SameSite::None).check().is_ok());
    assert_eq!(logs.with(Level::WARN, "`SameSite=None` without `Secure`").len(), 1);
}

#[tokio::test]
async fn refreshing_on_writes_changes_the_rules_of_flask_in_either_order() {
    refused([(signed().refresh_on_writes().into_any(), &["like_flask"] as &[_])]).await;
    for layer in [flask().refresh_on_writes(), signed().refresh_on_writes().like_flask()] {
        let browser = browser();
        let written = browser.visit(&layer, |session| async move { session.permanent() }).await;
        assert_eq!(written.page.set_cookies().len(), 1);
        let read = browser.visit(&layer, |session| async move { session.is_permanent() }).await;
        assert_eq!((read.value, read.page.set_cookies().len()), (Some(true), 0));
    }
}

#[tokio::test]
async fn earlier_attributes_are_those_of_another_cookie_that_browsers_take() {
    refused([
        (stored().formerly(None, "/").into_any(), &["formerly", "before"] as &[_]),
        (stored().domain("example.com").formerly(Some(".example.com"), "/").into_any(), &["formerly"]),
        (stored().formerly(Some("example.com"), "/").into_any(), &["__Host-"]),
        (stored().cookie_name("sid").formerly(None, "shop").into_any(), &["path"]),
    ])
    .await;
}

#[tokio::test]
async fn a22_a_domain_switches_the_prefix_and_warns() {
    let logs = Logs::capture();
    let layer = stored().domain("example.com").check().unwrap();
    let warned = logs.with(Level::WARN, "`__Host-`");
    assert!(warned.len() == 1 && warned[0].contains("example.com"), "{warned:?}");
    let shop = browser().origin("https://example.com").unwrap();
    let reply = shop.visit(&layer, |session| async move { session.insert("a", 1) }).await;
    assert!(reply.page.set_cookies()[0].starts_with("__Secure-session="));
    // The warning was logged at startup, and is not logged again.
    assert_eq!(logs.with(Level::WARN, "").len(), 1);
}

#[tokio::test]
async fn n3_sessions_over_plain_http_are_a_warning() {
    for (layer, words) in
        [(flask().into_any(), "secure()"), (stored().insecure_http().into_any(), "plain HTTP")]
    {
        let logs = Logs::capture();
        assert!(layer.check().is_ok());
        assert_eq!(logs.with(Level::WARN, words).len(), 1);
    }
    let logs = Logs::capture();
    assert!(stored().check().is_ok() && flask().secure().check().is_ok());
    assert!(logs.with(Level::WARN, "").is_empty());
}

#[tokio::test]
async fn a24_a_session_cookie_of_4096_bytes_is_sent_and_one_of_4097_is_an_error() {
    let layers: [fn() -> SessionLayer<AnyBackend>; 2] = [|| signed().into_any(), || encrypted().into_any()];
    for layer in layers {
        let text = "0123456789abcdef".repeat(100);
        let write = |name: usize| {
            let (layer, text) = (layer().cookie_name("n".repeat(name)), text.clone());
            async move {
                let reply = browser().visit(&layer, |session| async move { session.insert("a", text) }).await;
                let set =
                    reply.page.set_cookies().first().map(|set| set.split(';').next().unwrap().len() - 1);
                (reply.page.status(), set)
            }
        };
        // The length of a value is constant, so the length of the name decides.
        let (_, size) = write(10).await;
        let value = size.unwrap() - 10;
        for (size, status, sent) in [
            (4095, StatusCode::OK, Some(4095)),
            (4096, StatusCode::OK, Some(4096)),
            (4097, StatusCode::INTERNAL_SERVER_ERROR, None),
        ] {
            assert_eq!(write(size - value).await, (status, sent));
        }
    }
}
