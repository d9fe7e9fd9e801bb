//! The states of the inspector, each produced by a visitor of the tour.

use hardtack_chromium::{Key, Scripts, Viewport};
use tour::Backend;

use crate::fixture::{Tour, Visitor};
use crate::scenario::Scenario;

/// Each state of the inspector, with the scenario that produces it.
pub(crate) const STATES: &[(&str, Scenario)] = &[
    ("empty", |visitor| Box::pin(empty(visitor))),
    ("conversation", |visitor| Box::pin(conversation(visitor))),
    ("selected", |visitor| Box::pin(selected(visitor))),
    ("refused", |visitor| Box::pin(refused(visitor))),
    ("forged", |visitor| Box::pin(forged(visitor))),
    ("exchange", |visitor| Box::pin(exchange(visitor))),
    ("session", |visitor| Box::pin(session(visitor))),
    ("no-session", |visitor| Box::pin(no_session(visitor))),
    ("jar", |visitor| Box::pin(jar(visitor))),
    ("empty-jar", |visitor| Box::pin(empty_jar(visitor))),
    ("warnings", |visitor| Box::pin(warnings(visitor))),
    ("no-warnings", |visitor| Box::pin(no_warnings(visitor))),
    ("many", |visitor| Box::pin(many(visitor))),
    ("nothing-fits", |visitor| Box::pin(nothing_fits(visitor))),
    ("keys", |visitor| Box::pin(keys(visitor))),
    ("panel", |visitor| Box::pin(panel(visitor))),
];

/// Returns a visitor who has produced a state of the inspector and sees it.
pub(crate) async fn visitor_in_state(tour: &Tour, act: Scenario) -> Visitor {
    let visitor = Visitor::new(tour, Scripts::On).await;
    act(&visitor).await;
    visitor
}

/// Returns the backend for a state. The session page is shown for a signed session, which has the most layers.
pub(crate) fn backend_of(state: &str) -> Backend {
    if state == "session" { Backend::Signed } else { Backend::Stored }
}

async fn empty(visitor: &Visitor) {
    visitor.open("/inspect?browser=this").await;
    assert!(visitor.text("main").await.contains("No exchanges yet."));
}

/// Logs the visitor in, with typical requests before and after the login.
async fn visit(visitor: &Visitor) {
    for path in ["/handle-form-cookie?fav_color=dark+blue", "/some-route", "/login"] {
        visitor.open(path).await;
    }
    visitor.log_in("jane", "secret123").await;
    visitor.open("/cart").await;
    visitor.open("/types").await;
    visitor.follow(".action button", "/types").await;
}

async fn conversation(visitor: &Visitor) {
    visit(visitor).await;
    visitor.open("/inspect").await;
    assert!(visitor.text("main").await.contains("Logged in"));
}

async fn selected(visitor: &Visitor) {
    conversation(visitor).await;
    for _ in 0..3 {
        visitor.page.press(Key::Char('j')).await.unwrap();
    }
    assert!(visitor.page.has(".turn[aria-current]").await.unwrap());
}

async fn refused(visitor: &Visitor) {
    visitor.open("/limits").await;
    visitor.follow(".action button.quiet[value='4097']", "/limits?sent=4097").await;
    visitor.open("/inspect").await;
    assert!(visitor.text(".slip.bad").await.contains("A browser does not keep this"));
}

async fn forged(visitor: &Visitor) {
    visit(visitor).await;
    let mut forged = visitor.session_cookie().await;
    forged.value = forged.value.chars().rev().collect();
    visitor.context.set_cookie(visitor.url(), &forged).await.unwrap();
    visitor.open("/my-route").await;
    visitor.open("/inspect").await;
    assert!(visitor.text(".chip.bad").await.contains("__Host-session"));
}

async fn exchange(visitor: &Visitor) {
    visit(visitor).await;
    visitor.open("/inspect").await;
    let login = "[...document.querySelectorAll(\".turn[data-path='/login']\")]
        .find((turn) => turn.innerText.includes('POST')).dataset.number";
    let number: String = visitor.page.evaluate(login).await.unwrap();
    visitor.open(&format!("/inspect/exchanges/{number}")).await;
    assert!(visitor.text("main").await.contains("_user_id"));
}

async fn session(visitor: &Visitor) {
    visit(visitor).await;
    visitor.open("/inspect/session").await;
    assert!(visitor.text("main").await.contains("jane"));
}

async fn no_session(visitor: &Visitor) {
    visitor.open("/inspect/session?browser=this").await;
    assert!(visitor.text("main").await.contains("No session yet."));
}

async fn jar(visitor: &Visitor) {
    visit(visitor).await;
    visitor.open("/inspect/jar?browser=this").await;
    assert!(visitor.text("main").await.contains("fav_color"));
}

async fn empty_jar(visitor: &Visitor) {
    visitor.open("/inspect/jar?browser=this").await;
    assert!(visitor.text("main").await.contains("The jar is empty."));
}

async fn warnings(visitor: &Visitor) {
    visit(visitor).await;
    visitor.open("/inspect/warnings").await;
    assert!(visitor.page.has(".warnings li").await.unwrap());
}

async fn no_warnings(visitor: &Visitor) {
    visitor.open("/inspect/warnings?browser=this").await;
    assert!(visitor.text("main").await.contains("No warnings."));
}

async fn many(visitor: &Visitor) {
    visitor.page.set_viewport(Viewport::DESKTOP).await.unwrap();
    visit(visitor).await;
    visitor.open("/inspect").await;
    let ask = "Promise.all(Array.from({ length: 400 }, (_, at) => fetch('/visits?' + at))).then(() => null)";
    visitor.page.evaluate::<()>(ask).await.unwrap();
    visitor.page.until("document.querySelectorAll('.turn').length > 40").await.unwrap();
    // The key pauses the page. The newest exchange must be the one that is shown beside the conversation.
    visitor.page.press(Key::Char('p')).await.unwrap();
    let newest = "document.querySelector('.turn').dataset.number";
    let beside = "document.querySelector('[data-chosen]').dataset.number";
    visitor.page.until(&format!("{newest} === {beside}")).await.unwrap();
}

async fn nothing_fits(visitor: &Visitor) {
    visitor.open("/visits").await;
    visitor.open("/inspect?browser=all&path=%2Fnowhere").await;
    assert!(visitor.text("main").await.contains("No exchange matches the filters."));
}

async fn keys(visitor: &Visitor) {
    conversation(visitor).await;
    visitor.page.press(Key::Char('?')).await.unwrap();
    assert!(visitor.page.has("dialog[open]").await.unwrap());
}

async fn panel(visitor: &Visitor) {
    visit(visitor).await;
    visitor.open("/some-route").await;
    visitor.page.press(Key::Char('i')).await.unwrap();
    visitor
        .page
        .until("document.querySelector('#inspector iframe')?.contentDocument.querySelector('.lamp.live')")
        .await
        .unwrap();
}
