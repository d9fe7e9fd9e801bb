//! The name and the attributes of the cookie in the header.

use std::time::{Duration, SystemTime};

use hardtack::{BackendSettings, MemoryStore, SameSite, SessionLayer};

use crate::observed;
use crate::support::{Visits, browser, keys, session_cookie};

async fn set_cookie(layer: &SessionLayer<impl BackendSettings>) -> (String, String) {
    let reply = browser().visit(layer, |session| async move { session.insert("a", 1) }).await;
    let set = reply.page.set_cookies()[0].to_owned();
    let (name, rest) = set.split_once('=').unwrap();
    let attributes = rest.split_once(';').map_or("", |(_, attributes)| attributes);
    (name.to_owned(), attributes.trim().to_owned())
}

#[tokio::test]
async fn a20_the_name_fits_the_attributes() {
    let stored = || observed::stored(MemoryStore::new()).into_any();
    let table = [
        (stored(), "__Host-session", "Secure; HttpOnly; Path=/; SameSite=Lax"),
        (observed::signed(keys()).into_any(), "__Host-session", "Secure; HttpOnly; Path=/; SameSite=Lax"),
        (observed::encrypted(keys()).into_any(), "__Host-session", "Secure; HttpOnly; Path=/; SameSite=Lax"),
        (
            stored().domain("example.com"),
            "__Secure-session",
            "Domain=example.com; Secure; HttpOnly; Path=/; SameSite=Lax",
        ),
        (stored().path("/shop"), "__Secure-session", "Secure; HttpOnly; Path=/shop; SameSite=Lax"),
        (stored().insecure_http(), "session", "HttpOnly; Path=/; SameSite=Lax"),
        (stored().same_site(SameSite::Strict), "__Host-session", "Secure; HttpOnly; Path=/; SameSite=Strict"),
        (stored().same_site(SameSite::None), "__Host-session", "Secure; HttpOnly; Path=/; SameSite=None"),
        (stored().insecure_visible_to_scripts(), "__Host-session", "Secure; Path=/; SameSite=Lax"),
        (
            stored().partitioned().same_site(SameSite::None),
            "__Host-session",
            "Secure; HttpOnly; Path=/; SameSite=None; Partitioned",
        ),
        (stored().cookie_name("sid"), "sid", "Secure; HttpOnly; Path=/; SameSite=Lax"),
        (observed::signed(keys()).like_flask().into_any(), "session", "HttpOnly; Path=/"),
    ];
    for (layer, name, attributes) in table {
        assert_eq!(set_cookie(&layer).await, (name.to_owned(), attributes.to_owned()));
    }
}

#[tokio::test]
async fn o12_a_logout_removes_the_cookie_with_its_own_attributes() {
    let layer = observed::stored(MemoryStore::new())
        .domain("example.com")
        .path("/shop")
        .partitioned()
        .same_site(SameSite::None);
    let browser = browser().origin("https://example.com/shop").unwrap();
    browser.visit(&layer, |session| async move { session.insert("a", 1) }).await;
    let reply = browser.visit(&layer, |session| async move { session.destroy() }).await;
    let removal = "__Secure-session=; Domain=example.com; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Secure; \
                   HttpOnly; Path=/shop; SameSite=None; Partitioned";
    assert_eq!(reply.page.set_cookies(), [removal]);
}

#[tokio::test]
async fn o2_an_id_is_256_random_bits() {
    let layer = observed::stored(MemoryStore::new());
    let mut seen = std::collections::HashSet::new();
    for _ in 0..1000 {
        let browser = browser();
        browser.visit(&layer, |session| async move { session.insert("a", 1) }).await;
        let cookie = session_cookie(&browser).unwrap();
        assert_eq!(cookie.len(), 43);
        assert!(seen.insert(cookie));
    }
}

#[tokio::test]
async fn flask_reads_what_is_written_like_flask() {
    let keys = hardtack::KeyRing::new(hardtack::Key::insecure_short("dev").unwrap());
    let layer = observed::signed(keys)
        .like_flask()
        .clock(|| SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000));
    let browser = browser();
    browser.visit(&layer, |session| async move { session.insert("a", 1) }).await;
    assert_eq!(browser.cookie("session").as_deref(), Some("eyJhIjoxfQ.ZVPxAA.D3QXMI0ZQYNZDxORB__kVZyT7hk"));
}
