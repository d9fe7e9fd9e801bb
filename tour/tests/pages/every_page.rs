use axum::http::StatusCode;
use tour::Kind;

use crate::browser::{Browser, tour};

/// The paths that the first page lists.
async fn paths(browser: &mut Browser) -> Vec<String> {
    let page = browser.get("/").await;
    assert_eq!(page.status, StatusCode::OK);
    page.body
        .split("<li><a href=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().replace("&#x2f;", "/"))
        .collect()
}

#[tokio::test]
async fn the_first_page_lists_all_others() {
    let listed = paths(&mut Browser::new(&tour(Kind::Stored))).await;
    let expected = [
        "/handle-form-cookie",
        "/later-cookie",
        "/set-cookie",
        "/get-cookie",
        "/delete-cookie",
        "/cookies",
        "/some-route",
        "/my-route",
        "/login",
        "/home",
        "/profile",
        "/logout",
    ];
    assert_eq!(listed, expected);
}

#[tokio::test]
async fn every_page_is_there_and_shows_its_lines() {
    for kind in Kind::ALL {
        let mut browser = Browser::new(&tour(kind));
        for path in paths(&mut browser).await {
            let page = browser.get(&path).await;
            let expected = if path == "/profile" { StatusCode::UNAUTHORIZED } else { StatusCode::OK };
            assert_eq!(page.status, expected, "{path}");
            assert!(page.shows("<pre><code>async fn "), "{path}");
            assert!(page.shows(&format!("Sessions here are <b>{kind}</b>")), "{path}");
            assert!(page.header("content-security-policy").starts_with("default-src 'none'"), "{path}");
        }
    }
}

#[tokio::test]
async fn pages_without_a_session_cost_none() {
    let mut browser = Browser::new(&tour(Kind::Stored));
    browser.get("/some-route").await;
    for path in ["/", "/set-cookie", "/get-cookie", "/later-cookie", "/cookies", "/handle-form-cookie"] {
        let page = browser.get(path).await;
        assert_eq!(page.header("vary"), "", "{path}");
        assert!(!page.set_cookies().iter().any(|cookie| cookie.starts_with("__Host-session")), "{path}");
    }
}

#[tokio::test]
async fn pages_for_a_person_are_not_kept() {
    let mut browser = Browser::new(&tour(Kind::Signed));
    for path in ["/home", "/profile", "/login", "/logout"] {
        assert_eq!(browser.get(path).await.header("cache-control"), "no-store", "{path}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_404() {
    let mut browser = Browser::new(&tour(Kind::Stored));
    let page = browser.get("/nothing%3Cb%3E").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.shows("&#x2f;nothing&lt;b&gt;"));
    assert_eq!(browser.get("/tour.css").await.header("content-type"), "text/css; charset=utf-8");
}
