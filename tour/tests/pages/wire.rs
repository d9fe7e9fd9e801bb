use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use axum::{Extension, Router};
use hardtack_jar::Browser;
use tour::Kind;

use crate::visitor::{Outcome, TourPage, log_in, session_cookie, tour, visitor};

/// Returns a browser with its own connection.
fn connected(app: &Router, port: u16) -> Browser {
    let peer = ConnectInfo(SocketAddr::from(([127, 0, 0, 1], port)));
    Browser::new(app.clone().layer(Extension(peer))).stop_at_redirects()
}

#[tokio::test]
async fn a_page_shows_the_headers_that_went_over_the_wire_for_it() -> Outcome {
    for kind in Kind::ALL {
        let browser = visitor(kind);
        let page = browser.get("/some-route?x=1").await?;
        let wire = page.wire();
        assert!(
            wire.contains("GET /some-route?x=1") && wire.contains("no Cookie header"),
            "{wire}"
        );
        for name in ["vary", "cache-control"] {
            assert!(
                page.header(name).is_some_and(|value| wire.contains(value)),
                "{name}"
            );
        }
        // The session layer decides this only after the page is rendered.
        let [cookie] = page.set_cookies()[..] else { panic!("one cookie") };
        let (pair, attributes) = cookie.split_once("; ").unwrap();
        assert!(
            wire.contains(&format!(
                "Set-Cookie: {}…",
                &pair[.."__Host-session=".len() + 8]
            )),
            "{wire}"
        );
        assert!(wire.contains(attributes), "{wire}");

        browser.get("/set-cookie").await?;
        let page = browser.get("/my-route").await?;
        assert!(page.wire().contains("greeting=Hello%2C%20world"), "{}", page.wire());
        assert!(page.wire().contains("no Set-Cookie header"));
        assert!(
            !page.shows(&session_cookie(&browser)),
            "only a part of the session's is shown"
        );
    }
    Ok(())
}

#[tokio::test]
async fn the_exchange_that_led_to_a_page_is_shown_with_it() -> Outcome {
    let browser = connected(&tour(Kind::Stored), 1);
    log_in(&browser, "john", "password123").await?;
    let page = browser.get("/home").await?;
    assert!(
        page.wire().contains("POST /login") && page.wire().contains("303 See Other"),
        "{}",
        page.wire()
    );
    assert!(!page.wire().contains("password123"));
    assert!(!browser.get("/home").await?.wire().contains("POST /login"), "once");
    Ok(())
}

#[tokio::test]
async fn a_redirect_to_a_place_in_a_page_leads_to_that_page() -> Outcome {
    let browser = connected(&tour(Kind::Stored), 1);
    let page = browser.post("/progress", &[("w1", "on")]).await?;
    assert_eq!(page.header("location"), Some("/#checklist"));
    assert!(browser.get("/").await?.wire().contains("POST /progress"));
    Ok(())
}

#[tokio::test]
async fn nobody_sees_the_exchange_of_another() -> Outcome {
    let app = tour(Kind::Stored);
    log_in(&connected(&app, 1), "john", "password123").await?;
    assert!(
        !connected(&app, 2).get("/home").await?.wire().contains("POST"),
        "another connection"
    );
    assert!(
        !connected(&app, 1).get("/home").await?.wire().contains("POST"),
        "the same, with another session"
    );
    Ok(())
}

#[tokio::test]
async fn no_header_can_put_marks_into_a_page() -> Outcome {
    let browser = visitor(Kind::Stored);
    browser.set_cookie("a=<script>x</script><!--wire-->")?;
    let page = browser.get("/get-cookie?%3C!--wire--%3E").await?;
    assert!(!page.shows("<script>") && !page.shows("<!--"), "{}", page.wire());
    assert_eq!(page.text().matches("The browser asked").count(), 1);
    Ok(())
}
