//! Isolation of sessions that share a store or a secret.

use std::sync::Arc;

use hardtack::{AnyBackend, Digest, KeyDerivation, MemoryStore, SessionLayer, Signing};

use crate::observed;
use crate::support::{Visits, browser, keys};

struct Admin;

/// Returns pairs of a main session and a named one that share a store or a secret.
fn pairs() -> Vec<(&'static str, SessionLayer<AnyBackend>, SessionLayer<AnyBackend, Admin>)> {
    let store = Arc::new(MemoryStore::new());
    let other = || Signing::flask().digest(Digest::Sha256);
    let (signed, encrypted) = (|| observed::signed(keys()), || observed::encrypted(keys()));
    let stored = || observed::stored(Arc::clone(&store));
    vec![
        ("signed", signed().into_any(), signed().named("admin").into_any()),
        (
            "signed, with settings before the name",
            signed().signing(other()).into_any(),
            signed().signing(other()).named("admin").into_any(),
        ),
        (
            "signed, with settings after the name",
            signed().signing(other()).into_any(),
            signed().named("admin").signing(other()).into_any(),
        ),
        ("encrypted", encrypted().into_any(), encrypted().named("admin").into_any()),
        ("stored", stored().into_any(), stored().named("admin").into_any()),
        (
            "stored, for a purpose that is not its name",
            stored().into_any(),
            stored().purpose("console").named("admin").into_any(),
        ),
    ]
}

#[tokio::test]
async fn a30_the_cookie_of_one_session_is_unknown_to_every_other() {
    for (kind, main, admin) in pairs() {
        let visitor = browser();
        visitor.visit(&main, |session| async move { session.log_in("jane") }).await;
        visitor.visit(&admin, |session| async move { session.log_in("root") }).await;
        let (theirs, roots) =
            (visitor.cookie("__Host-session").unwrap(), visitor.cookie("__Host-admin").unwrap());
        let forger = visitor.thief();
        forger.edit_cookie("__Host-admin", &theirs).unwrap();
        forger.edit_cookie("__Host-session", &roots).unwrap();
        let seen = forger.late(&admin, |session| async move { session.user() }).await;
        assert_eq!(seen.value.flatten(), None, "{kind}");
        let seen = forger.late(&main, |session| async move { session.user() }).await;
        assert_eq!(seen.value.flatten(), None, "{kind}");
        let seen = visitor.visit(&admin, |session| async move { session.user() }).await;
        assert_eq!(seen.value.flatten().as_deref(), Some("root"), "{kind}");
    }
}

#[tokio::test]
async fn a30_one_purposes_devices_are_not_anothers() {
    let store = Arc::new(MemoryStore::new());
    let main = observed::stored(Arc::clone(&store));
    let admin = observed::stored(store).named::<Admin>("admin");
    let (shop, console) = (browser(), browser());
    shop.visit(&main, |session| async move { session.log_in("jane") }).await;
    console.visit(&admin, |session| async move { session.log_in("jane") }).await;
    let listed = shop.visit(&main, |session| async move { session.devices().await.unwrap().len() }).await;
    assert_eq!(listed.value, Some(1));
    let handle =
        console.visit(&admin, |session| async move { session.devices().await.unwrap()[0].handle }).await;
    let handle = handle.value.unwrap();
    let ended = shop
        .visit(&main, |session| async move {
            (session.end_device(&handle).await.unwrap(), session.end_others().await.unwrap())
        })
        .await;
    assert_eq!(ended.value, Some((false, 0)));
    let seen = console.visit(&admin, |session| async move { session.user() }).await;
    assert_eq!(seen.value.flatten().as_deref(), Some("jane"));
}

#[tokio::test]
async fn a_session_stays_when_its_cookie_is_renamed() {
    let store = Arc::new(MemoryStore::new());
    let kinds = || {
        [
            observed::signed(keys()).into_any(),
            observed::encrypted(keys()).into_any(),
            observed::stored(Arc::clone(&store)).into_any(),
        ]
    };
    for (before, after) in kinds().into_iter().zip(kinds()) {
        let (before, after) = (before.purpose("shop"), after.purpose("shop").cookie_name("__Host-shop"));
        let browser = browser();
        browser.visit(&before, |session| async move { session.insert("a", 1) }).await;
        let value = browser.cookie("__Host-session").unwrap();
        browser.set_cookie(&format!("__Host-shop={value}; Path=/; Secure")).unwrap();
        let seen = browser.visit(&after, |session| async move { session.get::<i64>("a") }).await;
        assert_eq!(seen.value.flatten(), Some(1));
    }
}

#[tokio::test]
async fn a_named_session_has_its_cookies_name_by_the_rule_of_the_main_one() {
    let named = || observed::stored(MemoryStore::new()).named::<Admin>("admin").into_any();
    let flask = observed::signed(keys()).named("admin").flask_salt().like_flask();
    for (layer, name) in [
        (named(), "__Host-admin"),
        (named().path("/console"), "__Secure-admin"),
        (named().insecure_http(), "admin"),
        (named().cookie_name("__Host-x"), "__Host-x"),
        (flask.into_any(), "admin"),
    ] {
        let reply = browser().visit(&layer, |session| async move { session.insert("a", 1) }).await;
        let line = reply.page.set_cookies()[0].to_owned();
        assert!(line.starts_with(&format!("{name}=")), "{line}");
    }
}

#[tokio::test]
async fn flasks_salt_is_taken_only_when_it_is_asked_for() {
    let main = observed::signed(keys());
    let flask = || observed::signed(keys()).named::<Admin>("flask").cookie_name("__Host-session");
    let browser = browser();
    browser.visit(&main, |session| async move { session.insert("a", 1) }).await;
    for (layer, seen) in [(flask(), None), (flask().flask_salt(), Some(1))] {
        let reply = browser.late(&layer, |session| async move { session.get::<i64>("a") }).await;
        assert_eq!(reply.value.flatten(), seen);
    }
}

#[test]
fn a_name_that_cannot_keep_sessions_apart_is_refused_with_the_fix() {
    let stored = || observed::stored(MemoryStore::new()).into_any();
    let signed = || observed::signed(keys());
    let none = || Signing::flask().key_derivation(KeyDerivation::None);
    for (layer, fix) in [
        (stored().named::<Admin>("__Host-admin"), "drop the prefix"),
        (stored().named("__Secure-admin"), "drop the prefix"),
        (stored().named("session"), "another name"),
        (stored().named(""), "1 to 64 characters"),
        (stored().named("a").purpose("\n"), "1 to 64 characters"),
        (signed().named("a").signing(none()).into_any(), "another key derivation"),
        (signed().signing(none()).named("a").into_any(), "another key derivation"),
        (signed().named("a").like_flask().into_any(), "flask_salt()"),
    ] {
        let mistake = layer.check().unwrap_err().to_string();
        assert!(mistake.contains(fix), "{mistake}");
    }
    assert!(signed().signing(none()).check().is_ok());
    assert!(signed().named::<Admin>("a").signing(none()).flask_salt().check().is_ok());
}
