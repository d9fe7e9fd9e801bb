//! OWASP ASVS 5.0: session management, cookies, and self-contained tokens.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use hardtack::{
    AnyBackend, BackendSettings, Lifetime, MemoryStore, RemoveCookie, SameSite, Session, SessionLayer,
    SetCookie,
};
use hardtack_jar::{Browser, TestClock};
use http::StatusCode;
use tower_http::csrf::CsrfLayer;

use super::{begun, lives, logged_in, pair, seconds};
use crate::observed;
use crate::support::{Visits, browser, keys, kinds, seen_with, session_cookie};

const DAY: u64 = 24 * 3600;

#[tokio::test]
async fn a1_the_documented_timeouts_are_the_defaults_and_have_reasons() {
    const DEFAULTS: &str = include_str!("../../../docs/defaults.md");
    const LIFETIMES: &str = include_str!("../../../docs/lifetimes.md");
    let lifetime = Lifetime::new();
    let (idle, absolute) = (lifetime.idle_timeout().as_secs(), lifetime.absolute_timeout().as_secs());
    let (signed, encrypted) =
        (max_age(observed::signed(keys())).await, max_age(observed::encrypted(keys())).await);
    for (setting, default) in [
        ("idle_timeout", format!("**Default** {} hours.", idle / 3600)),
        ("absolute_timeout", format!("**Default** {} days.", absolute / DAY)),
        (
            "max_age",
            format!("**Default** signed {} days, encrypted {} hours,", signed / DAY, encrypted / 3600),
        ),
        ("touch_after", format!("**Default** a {}th of", idle / lifetime.touch_interval().as_secs())),
        ("grace", format!("**Default** {} seconds.", lifetime.grace_period().as_secs())),
    ] {
        let heading = format!("\n## {setting}\n");
        let (_, section) = DEFAULTS.split_once(&heading).unwrap();
        let section = section.split("\n## ").next().unwrap();
        assert!(section.contains(&default) && section.contains("**Why.**"), "{default}: {section}");
    }
    let row = format!(
        "| ends, if unused, after | `max_age`: {} days | `max_age`: {} hours | `idle_timeout`: {} hours |",
        signed / DAY,
        encrypted / 3600,
        idle / 3600
    );
    assert!(LIFETIMES.contains(&row), "{row}");
    let end = format!("`absolute_timeout`: {} days", absolute / DAY);
    let row = format!("| ends in any case after | never | {end} | {end} |");
    assert!(LIFETIMES.contains(&row), "{row}");
    ends_after(absolute).await;
}

/// Returns the `max_age` of a layer, as set in the cookie of a permanent session.
async fn max_age(layer: SessionLayer<impl BackendSettings>) -> u64 {
    let reply = browser().visit(&layer, |session| async move { session.permanent() }).await;
    let set = reply.page.set_cookies()[0];
    set.split("; ").find_map(|part| part.strip_prefix("Max-Age=")).unwrap().parse().unwrap()
}

/// Checks that an encrypted session has this absolute timeout by default.
async fn ends_after(absolute: u64) {
    let clock = TestClock::new();
    let layer = observed::encrypted(keys()).max_age(seconds(absolute)).clock(clock.reader());
    let browser = begun(&layer).await;
    clock.advance(seconds(absolute - 1));
    assert!(lives(&layer, &browser).await);
    browser.visit(&layer, |session| async move { session.insert("b", 1) }).await;
    clock.advance(seconds(1));
    assert!(!lives(&layer, &browser).await);
}

#[tokio::test]
async fn a5_no_two_logins_give_the_same_token() {
    let clock = TestClock::new();
    for (kind, layer) in kinds() {
        let layer = layer.clock(clock.reader());
        let mut tokens = HashSet::new();
        for user in ["jane", "john", "jane", "john"] {
            assert!(tokens.insert(session_cookie(&logged_in(&layer, user).await).unwrap()), "{kind} {user}");
            clock.advance(seconds(1));
        }
    }
}

#[tokio::test]
async fn a8_an_unused_session_ends_at_its_timeout_to_the_second() {
    type Layer = fn() -> SessionLayer<AnyBackend>;
    let table: [(&str, Layer, [bool; 3]); 3] = [
        // As in Flask, the session is still valid at exactly its maximum age, but not after that.
        ("signed", || observed::signed(keys()).max_age(seconds(100)).into_any(), [true, true, false]),
        ("encrypted", || observed::encrypted(keys()).max_age(seconds(100)).into_any(), [true, false, false]),
        (
            "stored",
            || observed::stored(MemoryStore::new()).idle_timeout(seconds(100)).into_any(),
            [true, false, false],
        ),
    ];
    for (kind, layer, expected) in table {
        for (after, expected) in [99, 100, 101].into_iter().zip(expected) {
            let clock = TestClock::new();
            let layer = layer().clock(clock.reader());
            let browser = begun(&layer).await;
            clock.advance(seconds(after));
            assert_eq!(lives(&layer, &browser).await, expected, "{kind} after {after} seconds");
        }
    }
}

#[tokio::test]
async fn a9_a_session_that_is_used_ends_at_its_absolute_timeout_to_the_second() {
    type Layer = fn() -> SessionLayer<AnyBackend>;
    let table: [(&str, Layer); 2] = [
        ("encrypted", || {
            observed::encrypted(keys()).max_age(seconds(100)).absolute_timeout(seconds(250)).into_any()
        }),
        ("stored", || {
            let times = Lifetime::new().idle(seconds(100)).absolute(seconds(250));
            observed::stored(MemoryStore::new()).lifetime(times).into_any()
        }),
    ];
    for (kind, layer) in table {
        for (after, expected) in [(249, true), (250, false), (251, false)] {
            let clock = TestClock::new();
            let layer = layer().clock(clock.reader());
            let browser = begun(&layer).await;
            for _ in 0..4 {
                clock.advance(seconds(50));
                browser
                    .visit(&layer, |session| async move {
                        session.update("uses", |uses: &mut u64| *uses += 1);
                        session.renew();
                    })
                    .await;
                assert!(lives(&layer, &browser).await, "{kind}");
            }
            clock.advance(seconds(after - 200));
            assert_eq!(lives(&layer, &browser).await, expected, "{kind} after {after} seconds");
        }
    }
}

#[tokio::test]
async fn a10_a_copied_cookie_is_dead_after_the_session_expired() {
    for (kind, layer) in kinds() {
        let clock = TestClock::new();
        let layer = layer.clock(clock.reader());
        let copied = pair(&begun(&layer).await);
        assert_eq!(seen_with(&copied, &layer).await, (StatusCode::OK, "Some(1)".to_owned()), "{kind}");
        clock.advance(seconds(40 * DAY));
        assert_eq!(seen_with(&copied, &layer).await, (StatusCode::OK, "None".to_owned()), "{kind}");
        assert_eq!(layer.metrics().expired, 1, "{kind}");
    }
}

#[tokio::test]
async fn a10_a_logout_does_not_prolong_a_copy_of_a_cookie_that_holds_its_session() {
    for (kind, layer) in [
        ("signed", observed::signed(keys()).max_age(seconds(100)).into_any()),
        ("encrypted", observed::encrypted(keys()).max_age(seconds(100)).into_any()),
    ] {
        let clock = TestClock::new();
        let layer = layer.clock(clock.reader());
        let browser = begun(&layer).await;
        let copied = pair(&browser);
        clock.advance(seconds(60));
        browser.visit(&layer, |session| async move { session.destroy() }).await;
        assert!(!lives(&layer, &browser).await, "{kind}");
        clock.advance(seconds(41));
        assert_eq!(seen_with(&copied, &layer).await.1, "None", "{kind}");
    }
}

#[tokio::test]
async fn a11_all_sessions_of_a_closed_account_end_by_a_number_kept_with_the_user() {
    type Accounts = Arc<AtomicU64>;
    async fn check(
        State(accounts): State<Accounts>,
        session: Session,
        request: Request,
        next: Next,
    ) -> Response {
        if session.user().is_some() && session.get("generation") != Some(accounts.load(Ordering::SeqCst)) {
            session.destroy();
        }
        next.run(request).await
    }
    for (kind, layer) in kinds() {
        let accounts = Accounts::default();
        let log_in = async |State(accounts): State<Accounts>, session: Session| {
            session.log_in("jane");
            session.insert("generation", accounts.load(Ordering::SeqCst));
        };
        let app = Router::new()
            .route("/login", post(log_in))
            .route("/", get(async |session: Session| session.user().unwrap_or_default()))
            .layer(from_fn_with_state(accounts.clone(), check))
            .layer(layer)
            .with_state(accounts.clone());
        let phone = Browser::new(app);
        let tablet = phone.stranger();
        for browser in [&phone, &tablet] {
            browser.post("/login", &[]).await.unwrap();
            assert_eq!(browser.get("/").await.unwrap().text(), "jane", "{kind}");
        }
        let copies = [phone.thief(), tablet.thief()];
        accounts.fetch_add(1, Ordering::SeqCst);
        for browser in [phone, tablet].iter().chain(&copies) {
            assert_eq!(browser.get("/").await.unwrap().text(), "", "{kind}");
        }
    }
}

#[tokio::test]
async fn a19_a_session_begins_neither_by_reading_nor_by_another_sites_login_form() {
    for (kind, layer) in kinds() {
        let log_in = async |session: Session| session.log_in("mallory");
        let look = async |session: Session| session.user().unwrap_or_default();
        let app: Router = Router::new()
            .route("/login", post(log_in).get(look))
            .layer(layer.clone())
            .layer(CsrfLayer::new());
        let browser = Browser::new(app);
        assert!(browser.get("/login").await.unwrap().set_cookies().is_empty(), "{kind}");
        let evil = browser.tab_at("https://evil.example/").unwrap();
        let page = evil.post("https://localhost/login", &[]).await.unwrap();
        assert_eq!((page.status(), page.set_cookies().len()), (StatusCode::FORBIDDEN, 0), "{kind}");
        assert_eq!((session_cookie(&browser), layer.metrics().created), (None, 0), "{kind}");
        browser.post("/login", &[]).await.unwrap();
        assert_eq!(browser.get("/login").await.unwrap().text(), "mallory", "{kind}");
    }
}

#[tokio::test]
async fn a21_every_cookie_has_a_same_site_attribute_for_its_purpose() {
    let said = |line: &str| {
        let parts = line.split("; ").filter_map(|part| part.strip_prefix("SameSite="));
        parts.map(str::to_owned).collect::<Vec<_>>()
    };
    for same_site in [None, Some(SameSite::Lax), Some(SameSite::Strict), Some(SameSite::None)] {
        let expected = same_site.map_or("Lax".to_owned(), |same_site| same_site.to_string());
        for (kind, layer) in kinds() {
            let layer = if let Some(same_site) = same_site { layer.same_site(same_site) } else { layer };
            let browser = browser();
            let handlers: [fn(&Session); 5] = [
                |session| session.insert("a", 1),
                |session| session.permanent(),
                |session| session.log_in("jane"),
                |session| session.temporary(),
                |session| session.destroy(),
            ];
            for handler in handlers {
                let reply = browser.visit(&layer, |session| async move { handler(&session) }).await;
                assert_eq!(said(reply.page.set_cookies()[0]), [expected.as_str()], "{kind}");
            }
        }
    }
    assert_eq!(said(&SetCookie::new("color", "blue").to_header().unwrap()), ["Lax"]);
    assert_eq!(said(&RemoveCookie::new("color").to_header().unwrap()), ["Lax"]);
}
