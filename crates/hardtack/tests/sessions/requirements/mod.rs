//! Requirements of the security checklist that no other test covers, grouped by source document.

mod asvs;
mod cookies;
mod cross_site;
mod nist;
mod owasp;

use std::time::Duration;

use hardtack::{BackendSettings, SessionLayer};
use hardtack_jar::Browser;

use crate::support::{Visits, browser, session_cookie};

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Returns a browser with a session in which `a` is 1.
async fn begun(layer: &SessionLayer<impl BackendSettings>) -> Browser {
    let browser = browser();
    browser.visit(layer, |session| async move { session.insert("a", 1) }).await;
    browser
}

async fn logged_in(layer: &SessionLayer<impl BackendSettings>, user: &'static str) -> Browser {
    let browser = browser();
    browser.visit(layer, |session| async move { session.log_in(user) }).await;
    browser
}

/// Returns whether a browser's session, created by [`begun`], still exists.
async fn lives(layer: &SessionLayer<impl BackendSettings>, browser: &Browser) -> bool {
    browser.visit(layer, |session| async move { session.contains("a") }).await.value.unwrap()
}

/// Returns the session cookie as it appears in a header, for requests that no browser would send.
fn pair(browser: &Browser) -> String {
    format!("__Host-session={}", session_cookie(browser).unwrap())
}
