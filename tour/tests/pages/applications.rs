use axum::http::StatusCode;
use tour::Kind;

use crate::browser::{Browser, tour};

#[tokio::test]
async fn the_invitation_is_for_those_who_know_the_code() {
    for kind in Kind::ALL {
        let mut browser = Browser::new(&tour(kind));
        assert!(!browser.get("/invite").await.shows("lighthouse"));
        let page = browser.post("/invite", "code=biscuit").await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
        assert!(page.set_cookies().is_empty() && !page.shows("lighthouse"));
        let page = browser.post("/invite", "code=hardtack").await;
        assert_eq!(
            (page.status, page.header("location")),
            (StatusCode::SEE_OTHER, "/invite")
        );
        assert!(browser.get("/invite").await.happened().contains("lighthouse"));
    }
}

#[tokio::test]
async fn a_guest_fills_a_cart_and_keeps_it_after_logging_in() {
    for kind in Kind::ALL {
        let mut browser = Browser::new(&tour(kind));
        for goods in ["tea", "tea", "jam", "gold"] {
            browser.post("/cart", &format!("add={goods}")).await;
        }
        assert!(browser.get("/cart").await.shows("Total: <output>11.20</output>"));
        let guest = browser.cookies["__Host-session"].clone();
        let page = browser
            .post("/login", "username=john&password=password123&next=/cart")
            .await;
        assert_eq!(page.header("location"), "/cart");
        let page = browser.get("/cart").await;
        assert!(page.shows("Total: <output>11.20</output>"), "{kind}");
        assert!(page.happened().contains("the cart of <output>john</output>"));
        assert_ne!(browser.cookies["__Host-session"], guest);
        browser.post("/cart", "remove=tea").await;
        assert!(browser.get("/cart").await.shows("Total: <output>4.20</output>"));
    }
}

#[tokio::test]
async fn a_cart_loses_nothing_to_parallel_requests() {
    let app = tour(Kind::Stored);
    let mut browser = Browser::new(&app);
    browser.post("/cart", "add=tea").await;
    let mut adding = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let mut tab = browser.clone();
        adding.spawn(async move { tab.post("/cart", "add=tea").await.status });
    }
    while let Some(status) = adding.join_next().await {
        assert_eq!(status.unwrap(), StatusCode::SEE_OTHER);
    }
    assert!(
        browser.get("/cart").await.shows("Total: <output>73.50</output>"),
        "21 teas"
    );
}

#[tokio::test]
async fn a_link_works_once() {
    let app = tour(Kind::Stored);
    let mut browser = Browser::new(&app);
    let page = browser.post("/token", "").await;
    let (_, rest) = page.body.split_once("<a href=\"&#x2f;token&#x2f;").unwrap();
    let link = format!("/token/{}", rest.split('"').next().unwrap());
    for _ in 0..2 {
        assert_eq!(
            browser.get(&link).await.status,
            StatusCode::OK,
            "looking does not use it up"
        );
    }
    assert!(browser.post(&link, "").await.happened().contains("Confirmed."));
    assert_eq!(browser.post(&link, "").await.status, StatusCode::GONE);
    assert_eq!(Browser::new(&app).get(&link).await.status, StatusCode::GONE);
    assert!(
        browser.get("/token").await.happened().contains("You have used such a link")
    );
    assert_eq!(browser.get("/token/nonsense").await.status, StatusCode::GONE);
}

#[tokio::test]
async fn progress_is_kept_where_one_wants_it() {
    for kind in Kind::ALL {
        let mut browser = Browser::new(&tour(kind));
        assert!(browser.get("/").await.shows("Done: <output>0</output>"));
        let page = browser.post("/progress", "w1=on&d2=on&nonsense=on").await;
        assert_eq!(page.header("location"), "/#checklist");
        assert_eq!(browser.cookies["progress"], "w1.d2");
        let page = browser.get("/").await;
        assert!(
            page.shows("Done: <output>2</output>") && page.shows("name=\"d2\" checked")
        );

        browser.post("/progress", "w1=on&d2=on&r1=on&place=session").await;
        assert!(!browser.cookies.contains_key("progress"));
        let page = browser.get("/").await;
        assert!(
            page.shows("Done: <output>3</output>")
                && page.shows("kept in your <b>session</b>"),
            "{kind}"
        );

        let page = browser.post("/progress", "w1=on&place=localStorage").await;
        assert_eq!(page.header("location"), "/?progress=w1#checklist");
        assert!(browser.get("/").await.shows("data-progress=\"localStorage\""));
        assert!(
            browser.get("/?progress=w1").await.shows("Done: <output>1</output>"),
            "also without a script"
        );
        browser.post("/progress", "w1=on&place=cookie").await;
        assert_eq!(browser.cookies["progress"], "w1");
    }
}

#[tokio::test]
async fn the_quiz_is_marked() {
    let mut browser = Browser::new(&tour(Kind::Stored));
    assert!(!browser.get("/").await.shows("answers are right"));
    let page = browser.get("/?quiz=1&q1=1&q2=2").await;
    assert!(page.shows("<output>1</output> of 7 answers are right."));
    assert!(page.shows("<b>Right.</b>") && page.shows("<b>No: The browser.</b>"));
    assert!(page.set_cookies().is_empty());
}
