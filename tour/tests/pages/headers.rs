use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use axum::{Extension, Router};
use hardtack_jar::Browser;
use tour::Backend;

use crate::visitor::{Outcome, TourPage, log_in, session_cookie, tour, visitor};

/// Returns a browser whose connection has the given port.
fn connected(app: &Router, port: u16) -> Browser {
    let peer = ConnectInfo(SocketAddr::from(([127, 0, 0, 1], port)));
    Browser::new(app.clone().layer(Extension(peer))).stop_at_redirects()
}

#[tokio::test]
async fn a_page_shows_the_headers_that_were_sent_for_it() -> Outcome {
    for backend in Backend::ALL {
        let browser = visitor(backend);
        let page = browser.get("/some-route?x=1").await?;
        let wire = page.shown_headers();
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
        // The session layer sets this cookie only after the page is rendered.
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
        assert!(
            page.shown_headers().contains("greeting=Hello%2C%20world"),
            "{}",
            page.shown_headers()
        );
        assert!(page.shown_headers().contains("no Set-Cookie header"));
        assert!(
            !page.shows(&session_cookie(&browser)),
            "only the beginning of the session cookie is shown"
        );
    }
    Ok(())
}

#[tokio::test]
async fn the_exchange_that_led_to_a_page_is_shown_with_it() -> Outcome {
    let browser = connected(&tour(Backend::Stored), 1);
    log_in(&browser, "john", "password123").await?;
    let page = browser.get("/home").await?;
    assert!(
        page.shown_headers().contains("POST /login")
            && page.shown_headers().contains("303 See Other"),
        "{}",
        page.shown_headers()
    );
    assert!(!page.shown_headers().contains("password123"));
    assert!(
        !browser.get("/home").await?.shown_headers().contains("POST /login"),
        "once"
    );
    Ok(())
}

#[tokio::test]
async fn a_redirect_to_a_fragment_leads_to_its_page() -> Outcome {
    let browser = connected(&tour(Backend::Stored), 1);
    let page = browser.post("/progress", &[("w1", "on")]).await?;
    assert_eq!(page.header("location"), Some("/#checklist"));
    assert!(browser.get("/").await?.shown_headers().contains("POST /progress"));
    Ok(())
}

#[tokio::test]
async fn visitors_do_not_see_each_others_exchanges() -> Outcome {
    let app = tour(Backend::Stored);
    log_in(&connected(&app, 1), "john", "password123").await?;
    assert!(
        !connected(&app, 2).get("/home").await?.shown_headers().contains("POST"),
        "another connection"
    );
    assert!(
        !connected(&app, 1).get("/home").await?.shown_headers().contains("POST"),
        "the same connection, with another session"
    );
    Ok(())
}

#[tokio::test]
async fn no_header_can_insert_markup_into_a_page() -> Outcome {
    let browser = visitor(Backend::Stored);
    browser.set_cookie("a=<script>x</script><!--headers-->")?;
    let page = browser.get("/get-cookie?%3C!--headers--%3E").await?;
    assert!(!page.shows("<script>") && !page.shows("<!--"), "{}", page.shown_headers());
    assert_eq!(page.text().matches("The browser asked").count(), 1);
    Ok(())
}
