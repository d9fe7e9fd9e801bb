use axum::http::StatusCode;
use tour::Kind;

use crate::browser::{Browser, tour};

#[tokio::test]
async fn a_session_moves_from_kind_to_kind_with_all_that_is_in_it() {
    for from in Kind::ALL {
        for to in Kind::ALL {
            let mut browser = Browser::new(&tour(from));
            browser.get("/some-route").await;
            browser.log_in("john", "password123").await;
            let before = browser.cookies["__Host-session"].clone();

            let page =
                browser.post("/kind", &format!("kind={to}&next=/my-route")).await;
            assert_eq!(
                (page.status, page.header("location")),
                (StatusCode::SEE_OTHER, "/my-route")
            );
            let page = browser.get("/my-route").await;
            assert!(page.shows(&format!("Your session is <b>{to}</b>")));
            assert!(page.happened().contains("<output>42</output>"), "{from} to {to}");
            assert!(
                browser
                    .get("/profile")
                    .await
                    .happened()
                    .contains("<output>john</output>"),
                "{from} to {to}"
            );
            assert!(from == to || before != browser.cookies["__Host-session"]);
        }
    }
}

#[tokio::test]
async fn the_session_that_was_left_is_ended() {
    let mut browser = Browser::new(&tour(Kind::Stored));
    browser.log_in("john", "password123").await;
    let mut left = browser.clone();
    browser.post("/kind", "kind=signed").await;
    assert_eq!(left.get("/profile").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(browser.get("/profile").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_visitor_without_a_session_gets_none() {
    for to in Kind::ALL {
        let mut browser = Browser::new(&tour(Kind::Stored));
        browser.post("/kind", &format!("kind={to}")).await;
        assert_eq!(browser.cookies.keys().collect::<Vec<_>>(), ["kind"]);
        assert!(browser.get("/").await.shows(&format!("Your session is <b>{to}</b>")));
    }
}

#[tokio::test]
async fn whatever_page_it_stands_on_it_leads_back_to_a_page() {
    let mut browser = Browser::new(&tour(Kind::Stored));
    let page = browser.post("/limits/session", "").await;
    assert!(page.shows("name=\"next\" value=\"&#x2f;limits&#x2f;session\""));
    let page = browser.post("/kind", "kind=signed&next=/limits/session").await;
    let page = browser.get(page.header("location")).await;
    assert_eq!(
        (page.status, page.header("location")),
        (StatusCode::SEE_OTHER, "/limits")
    );
    // To lead back there would be to log out.
    let page = browser.get("/logout").await;
    assert!(page.shows("name=\"next\" value=\"&#x2f;home\""));
}

#[tokio::test]
async fn a_session_too_large_for_a_cookie_stays_where_it_is() {
    let mut browser = Browser::new(&tour(Kind::Stored));
    for number in 0..60 {
        let name = format!("{number}{}", "\u{1f36a}".repeat(60));
        browser.post("/leaderboard", &format!("player={name}&points={number}")).await;
    }
    browser.log_in("john", "password123").await;
    let page = browser.post("/kind", "kind=encrypted").await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert!(page.shows("Too large for a cookie") && page.set_cookies().is_empty());
    assert!(browser.get("/profile").await.happened().contains("<output>john</output>"));
}

#[tokio::test]
async fn a_kind_that_there_is_not_is_refused() {
    let mut browser = Browser::new(&tour(Kind::Stored));
    assert_eq!(
        browser.post("/kind", "kind=safe").await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    browser.cookies.insert("kind".to_owned(), "safe".to_owned());
    assert!(browser.get("/").await.shows("Your session is <b>stored</b>"));
    let page = browser.post("/kind", "kind=signed&next=//evil.example").await;
    assert_eq!(page.header("location"), "/");
}
