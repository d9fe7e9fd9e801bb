use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;

use hardtack_chromium::{Key, Page, Scripts, Viewport};
use tour::Backend;

use crate::fixture::{Tour, Visitor};

mod chromium {
    use super::*;

    #[tokio::test]
    #[ignore = "needs Chromium, which ./test installs"]
    async fn the_panel_follows_a_stored_session_live() {
        check_panel_updates(Backend::Stored, "unknown id").await;
    }

    #[tokio::test]
    #[ignore = "needs Chromium, which ./test installs"]
    async fn the_panel_follows_a_signed_session_live() {
        check_panel_updates(Backend::Signed, "not genuine").await;
    }

    #[tokio::test]
    #[ignore = "needs Chromium, which ./test installs"]
    async fn the_panel_follows_an_encrypted_session_live() {
        check_panel_updates(Backend::Encrypted, "not genuine").await;
    }

    #[tokio::test]
    #[ignore = "needs Chromium, which ./test installs"]
    async fn the_panel_stays_open_across_pages_until_it_is_closed() {
        let tour = Tour::start(Backend::Stored);
        let visitor = Visitor::new(&tour, Scripts::On).await;
        visitor.open("/").await;
        assert!(!visitor.page.has("#inspector iframe").await.unwrap());
        visitor.page.press(Key::Char('i')).await.unwrap();
        until_panel(&visitor, ".lamp.live").await;
        visitor
            .page
            .evaluate::<()>(&format!(
                "({PANEL}.querySelector('.views a:nth-child(3)').click(), null)"
            ))
            .await
            .unwrap();
        until_panel(&visitor, "body[data-view=jar] .lamp.live").await;
        visitor.open("/visits").await;
        until_panel(&visitor, "body[data-view=jar]").await;
        visitor.page.click("button.to-inspector").await.unwrap();
        visitor.open("/").await;
        assert!(!visitor.page.has("#inspector iframe").await.unwrap());
        tour.assert_no_errors();
    }

    #[tokio::test]
    #[ignore = "needs Chromium, which ./test installs"]
    async fn without_scripts_a_link_leads_to_the_complete_inspector() {
        let tour = Tour::start(Backend::Stored);
        let visitor = Visitor::new(&tour, Scripts::Off).await;
        visitor.open("/some-route").await;
        visitor.follow("a.to-inspector", "/inspect").await;
        assert!(
            text_of_exchange(&visitor.page, "/some-route").await.contains("fav_number")
        );
        visitor
            .follow(".turn[data-path='/some-route'] .when a", "/inspect/exchanges/1")
            .await;
        assert!(visitor.text("main").await.contains("Session created."));
        for view in ["session", "jar", "warnings"] {
            visitor
                .follow(
                    &format!(".views a[href='/inspect/{view}']"),
                    &format!("/inspect/{view}"),
                )
                .await;
        }
        visitor.follow(".filters button", "/inspect/warnings?browser=all").await;
        tour.assert_no_errors();
    }

    #[tokio::test]
    #[ignore = "needs Chromium, which ./test installs"]
    async fn exchanges_that_are_not_shown_are_counted() {
        let tour = Tour::start(Backend::Stored);
        let visitor = Visitor::new(&tour, Scripts::On).await;
        visitor.page.set_viewport(Viewport::DESKTOP).await.unwrap();
        visitor.open("/inspect").await;
        visitor.page.until("document.querySelector('.lamp.live')").await.unwrap();
        let url = tour.url.clone();
        let sending = thread::spawn(move || send_many(&url));
        let sampled = "document.querySelector('[data-sampled]').innerText";
        let says = format!(
            "/^Showing 40 of [0-9,]+ exchanges in the last second/.test({sampled})"
        );
        visitor.page.until(&says).await.unwrap();
        sending.join().unwrap();
        let total =
            "document.querySelector('[data-total]').innerText.replaceAll(',', '')";
        visitor.page.until(&format!("{total} === '{REQUESTS}'")).await.unwrap();
        // The page still contains only a few exchanges, and responds to the keyboard.
        let turns: usize = visitor
            .page
            .evaluate("document.querySelectorAll('.turn').length")
            .await
            .unwrap();
        assert!((40..=300).contains(&turns), "{turns}");
        visitor.page.press(Key::Char('j')).await.unwrap();
        assert!(visitor.page.has(".turn[aria-current]").await.unwrap());
        tour.assert_no_errors();
    }

    #[tokio::test]
    #[ignore = "needs Chromium, which ./test installs"]
    async fn keys_move_through_the_conversation_and_a_filter_narrows_it() {
        let tour = Tour::start(Backend::Stored);
        let visitor = Visitor::new(&tour, Scripts::On).await;
        for path in ["/", "/some-route", "/my-route"] {
            visitor.open(path).await;
        }
        visitor.open("/inspect").await;
        let selected = "document.querySelector('.turn[aria-current]')?.dataset.path";
        let here = async |path: &str| {
            visitor.page.until(&format!("{selected} === {path:?}")).await.unwrap();
        };
        visitor.page.press(Key::ArrowDown).await.unwrap();
        let first: String = visitor.page.evaluate(selected).await.unwrap();
        visitor.page.press(Key::Char('j')).await.unwrap();
        visitor.page.until(&format!("{selected} !== {first:?}")).await.unwrap();
        visitor.page.press(Key::Char('k')).await.unwrap();
        here(&first).await;
        // The selected exchange is open beside the conversation.
        visitor
            .page
            .until(&format!(
                "document.querySelector('.chosen .path')?.innerText === {first:?}"
            ))
            .await
            .unwrap();
        visitor.page.press(Key::Escape).await.unwrap();
        assert!(!visitor.page.has(".turn[aria-current]").await.unwrap());

        visitor.page.press(Key::Char('/')).await.unwrap();
        visitor.page.write("some").await.unwrap();
        let shown = "[...document.querySelectorAll('.turn:not([hidden])')].map((turn) => turn.dataset.path)";
        assert_eq!(
            visitor.page.evaluate::<Vec<String>>(shown).await.unwrap(),
            ["/some-route"]
        );
        assert_eq!(visitor.path().await, "/inspect?browser=all&path=some");
        visitor.page.press(Key::Escape).await.unwrap();
        visitor.page.press(Key::Char('?')).await.unwrap();
        assert!(visitor.page.has("dialog[open]").await.unwrap());
        visitor.page.press(Key::Escape).await.unwrap();
        visitor.page.until("!document.querySelector('dialog[open]')").await.unwrap();
        tour.assert_no_errors();
    }
}

/// The total number of requests, and how many are sent without waiting for responses.
const REQUESTS: usize = 2_000;
const PIPELINED: usize = 50;

/// Requests a page as fast as the tour responds.
fn send_many(url: &str) {
    let host = url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).unwrap();
    let requests =
        format!("HEAD /get-cookie HTTP/1.1\r\nHost: {host}\r\n\r\n").repeat(PIPELINED);
    for _ in 0..REQUESTS / PIPELINED {
        stream.write_all(requests.as_bytes()).unwrap();
        let (mut responses, mut piece) = (Vec::new(), [0; 16 * 1024]);
        // A response to HEAD ends after its head.
        while responses.windows(4).filter(|end| end == b"\r\n\r\n").count() < PIPELINED
        {
            let length = stream.read(&mut piece).unwrap();
            assert!(length > 0, "the tour closed the connection");
            responses.extend_from_slice(&piece[..length]);
        }
    }
}

/// A JavaScript expression for the document in the panel.
const PANEL: &str = "document.querySelector('#inspector iframe')?.contentDocument";

/// Checks that the panel shows each step while a visitor logs in, changes the session, edits the cookie by hand, and
/// logs out.
async fn check_panel_updates(backend: Backend, verdict: &str) {
    let tour = Tour::start(backend);
    let visitor = Visitor::new(&tour, Scripts::On).await;
    // A separate page, which is never reloaded, shows the exchanges of all browsers.
    let beside = visitor.context.page().await.unwrap();
    beside.open(&format!("{}/inspect", tour.url)).await.unwrap();
    beside.until("document.querySelector('.lamp.live')").await.unwrap();
    assert!(beside.text("main").await.unwrap().contains("No exchanges yet."));

    visitor.page.set_viewport(Viewport::DESKTOP).await.unwrap();
    visitor.open("/login").await;
    visitor.page.click("button.to-inspector").await.unwrap();
    until_panel_shows(&visitor, "/login", &["GET", "200"]).await;
    visitor.log_in("jane", "secret123").await;
    until_panel_shows(
        &visitor,
        "/login",
        &["POST", "303", "→ /home", "Logged in", "_user_id", "jane", "__Host-session"],
    )
    .await;

    // The next requests are sent from another tab. The page with the panel is not reloaded, so the panel can receive
    // the exchanges only through the stream.
    let tab = visitor.context.page().await.unwrap();
    tab.open(&format!("{}/some-route", tour.url)).await.unwrap();
    until_panel_shows(&visitor, "/some-route", &["fav_number", "42", "1 key changed."])
        .await;

    let mut forged = visitor.session_cookie().await;
    let real = forged.clone();
    let letter = if forged.value[9..].starts_with('A') { "B" } else { "A" };
    forged.value.replace_range(9..10, letter);
    visitor.context.set_cookie(&tour.url, &forged).await.unwrap();
    tab.open(&format!("{}/my-route", tour.url)).await.unwrap();
    until_panel_shows(
        &visitor,
        "/my-route",
        &["__Host-session", verdict, "Cookie rejected"],
    )
    .await;

    drop(tab);
    visitor.context.set_cookie(&tour.url, &real).await.unwrap();
    visitor.open("/logout").await;
    until_panel_shows(&visitor, "/logout", &["303", "→ /home", "Logged out"]).await;

    visitor.open("/limits").await;
    visitor.follow(".action button.quiet[value='4097']", "/limits?sent=4097").await;
    until_panel_shows(
        &visitor,
        "/limits",
        &["REFUSED", "big4097", "exceed 4096 bytes", "RFC 6265bis, section 5.6"],
    )
    .await;
    assert!(visitor.cookies().await.iter().all(|cookie| cookie.name != "big4097"));

    // The separate page showed all exchanges, and was never reloaded.
    let paths: Vec<String> = beside
        .evaluate("[...document.querySelectorAll('.turn:not(.quiet)')].map((turn) => turn.dataset.path)")
        .await
        .unwrap();
    for path in ["/login", "/some-route", "/my-route", "/logout", "/limits"] {
        assert!(paths.iter().any(|seen| seen == path), "{path}: {paths:?}");
    }
    assert!(
        beside
            .evaluate::<bool>("performance.getEntriesByType('navigation').length === 1")
            .await
            .unwrap()
    );
    tour.assert_no_errors();
    println!(
        "summary: the inspector’s panel in Chromium, {backend}: a session was logged in, changed, forged, and ended, and the panel followed"
    );
}

/// Waits until the panel shows an exchange with the given path that contains all of the words.
async fn until_panel_shows(visitor: &Visitor, path: &str, words: &[&str]) {
    let turns =
        format!("[...{PANEL}?.querySelectorAll(\".turn[data-path='{path}']\") ?? []]");
    let shown = format!(
        "{turns}.some((turn) => {words:?}.every((word) => turn.innerText.includes(word)))"
    );
    visitor.page.until(&shown).await.unwrap();
}

async fn until_panel(visitor: &Visitor, selector: &str) {
    visitor.page.until(&format!("{PANEL}?.querySelector({selector:?})")).await.unwrap();
}

/// Returns the text of the newest exchange with the given path.
async fn text_of_exchange(page: &Page, path: &str) -> String {
    page.text(&format!(".turn[data-path='{path}']")).await.unwrap()
}
