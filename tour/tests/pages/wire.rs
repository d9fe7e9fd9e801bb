use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use axum::http::Request;
use tour::Kind;

use crate::browser::{Browser, Page, tour};

fn from(port: u16) -> ConnectInfo<SocketAddr> {
    ConnectInfo(([127, 0, 0, 1], port).into())
}

async fn get(browser: &mut Browser, port: u16, path: &str) -> Page {
    browser.send(Request::get(path).extension(from(port)), "").await
}

#[tokio::test]
async fn a_page_shows_the_headers_that_went_over_the_wire_for_it() {
    for kind in Kind::ALL {
        let mut browser = Browser::new(&tour(kind));
        let page = browser.get("/some-route?x=1").await;
        let wire = page.wire();
        assert!(
            wire.contains("GET /some-route?x=1") && wire.contains("no Cookie header"),
            "{wire}"
        );
        for name in ["vary", "cache-control"] {
            assert!(
                !page.header(name).is_empty() && wire.contains(page.header(name)),
                "{name}"
            );
        }
        // What the session's layer decides only after the page is made.
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

        browser.get("/set-cookie").await;
        let page = browser.get("/my-route").await;
        assert!(page.wire().contains("greeting=Hello%2C%20world"), "{}", page.wire());
        assert!(page.wire().contains("no Set-Cookie header"));
        assert!(
            !page.shows(&browser.cookies["__Host-session"]),
            "only a part of the session's is shown"
        );
    }
}

#[tokio::test]
async fn the_exchange_that_led_to_a_page_is_shown_with_it() {
    let mut browser = Browser::new(&tour(Kind::Stored));
    let login = Request::post("/login")
        .extension(from(1))
        .header("content-type", "application/x-www-form-urlencoded");
    browser.send(login, "username=john&password=password123").await;
    let page = get(&mut browser, 1, "/home").await;
    assert!(
        page.wire().contains("POST /login") && page.wire().contains("303 See Other"),
        "{}",
        page.wire()
    );
    assert!(!page.wire().contains("password123"));
    assert!(
        !get(&mut browser, 1, "/home").await.wire().contains("POST /login"),
        "once"
    );
}

#[tokio::test]
async fn a_redirect_to_a_place_in_a_page_leads_to_that_page() {
    let mut browser = Browser::new(&tour(Kind::Stored));
    let save = Request::post("/progress")
        .extension(from(1))
        .header("content-type", "application/x-www-form-urlencoded");
    let page = browser.send(save, "w1=on").await;
    assert_eq!(page.header("location"), "/#checklist");
    assert!(get(&mut browser, 1, "/").await.wire().contains("POST /progress"));
}

#[tokio::test]
async fn nobody_sees_the_exchange_of_another() {
    let app = tour(Kind::Stored);
    let mut browser = Browser::new(&app);
    let login = Request::post("/login")
        .extension(from(1))
        .header("content-type", "application/x-www-form-urlencoded");
    browser.send(login, "username=john&password=password123").await;
    let mut stranger = Browser::new(&app);
    assert!(
        !get(&mut stranger, 2, "/home").await.wire().contains("POST"),
        "another connection"
    );
    assert!(
        !get(&mut stranger, 1, "/home").await.wire().contains("POST"),
        "the same, with another session"
    );
}

#[tokio::test]
async fn no_header_can_put_marks_into_a_page() {
    let mut browser = Browser::new(&tour(Kind::Stored));
    browser.cookies.insert("a".to_owned(), "<script>x</script><!--wire-->".to_owned());
    let page = browser.get("/get-cookie?%3C!--wire--%3E").await;
    assert!(!page.shows("<script>") && !page.shows("<!--"), "{}", page.wire());
    assert_eq!(page.body.matches("The browser asked").count(), 1);
}
