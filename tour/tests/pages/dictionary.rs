use axum::http::StatusCode;
use tour::Kind;

use crate::browser::{Browser, tour};

#[tokio::test]
async fn every_type_comes_back_as_what_it_was() {
    for kind in Kind::ALL {
        let mut browser = Browser::new(&tour(kind));
        assert!(
            browser
                .get("/types")
                .await
                .happened()
                .contains("None of them is there yet.")
        );
        browser.post("/types", "").await;
        let page = browser.get("/types").await;
        let shown = page.text_of_happened();
        assert!(
            shown.contains("42 + 1 is 43") && page.happened().contains("<b>bold</b>"),
            "{kind}: {shown}"
        );
        for row in [
            "number integer 42",
            "price float 9.5",
            "text text \"J\\u00f6rg\"",
            "truth truth true",
            "nothing nothing null",
            "list list [3,1,2]",
            "tuple tuple {\" t\":[\"tea\",2]}",
            "bytes bytes {\" b\":\"AJ//\"}",
            "moment datetime {\" d\":\"",
            "uuid UUID {\" u\":\"",
            "markup markup {\" m\":\"",
        ] {
            assert!(shown.contains(row), "{kind}: {row} in {shown}");
        }
    }
}

#[tokio::test]
async fn a_leaderboard_stays_a_list_and_in_order() {
    for kind in Kind::ALL {
        let mut browser = Browser::new(&tour(kind));
        assert!(
            browser
                .get("/leaderboard")
                .await
                .happened()
                .contains("Nobody is on the board yet.")
        );
        for (player, points) in
            [("Ada", 7), ("Bob", 9), ("Cyd", 8), ("Dee", 1), ("Eve", 2), ("Fay", 3)]
        {
            browser
                .post("/leaderboard", &format!("player={player}&points={points}"))
                .await;
        }
        let shown = browser.get("/leaderboard").await.text_of_happened();
        assert!(shown.contains("Bob 9 Cyd 8 Ada 7 Fay 3 Eve 2"), "{kind}: {shown}");
        assert!(!shown.contains("Dee"), "five have room");
    }
}

#[tokio::test]
async fn a_session_is_for_the_visit_or_for_longer() {
    for kind in Kind::ALL {
        let mut browser = Browser::new(&tour(kind));
        assert!(
            browser
                .get("/remember")
                .await
                .happened()
                .contains("You have no session yet.")
        );
        let page = browser.post("/remember", "remember=on").await;
        assert!(page.set_cookies()[0].contains("; Max-Age="), "{kind}");
        assert!(
            browser
                .get("/remember")
                .await
                .happened()
                .contains("<output>permanent</output>")
        );
        let page = browser.post("/remember", "").await;
        assert!(!page.set_cookies()[0].contains("Max-Age"), "{kind}");
        assert!(
            browser
                .get("/remember")
                .await
                .happened()
                .contains("as long as your browser runs")
        );
    }
}

#[tokio::test]
async fn a_message_is_shown_once() {
    for kind in Kind::ALL {
        let mut browser = Browser::new(&tour(kind));
        assert!(browser.get("/flash").await.happened().contains("No message waits."));
        browser.post("/flash", "message=Saved.&category=message").await;
        browser.post("/flash", "message=Not+%3Cb%3E&category=error").await;
        let page = browser.get("/flash").await;
        assert!(
            page.happened()
                .contains("<p class=\"message message\" role=\"status\">Saved.</p>")
        );
        assert!(
            page.happened().contains(
                "<p class=\"message error\" role=\"status\">Not &lt;b&gt;</p>"
            )
        );
        assert!(
            browser.get("/flash").await.happened().contains("No message waits."),
            "{kind}"
        );
    }
}

/// The token that the page about anatomy shows.
fn token(body: &str) -> String {
    let (_, rest) = body.split_once("required>").unwrap();
    rest.split("</textarea>").next().unwrap().to_owned()
}

#[tokio::test]
async fn a_sessions_cookie_is_taken_apart() {
    for kind in Kind::ALL {
        let mut browser = Browser::new(&tour(kind));
        assert!(
            browser
                .get("/anatomy")
                .await
                .text_of_happened()
                .contains("\"fav_number\":42"),
            "an example"
        );
        browser.post("/leaderboard", "player=Ada&points=7").await;
        let page = browser.get("/anatomy").await;
        let shown = page.text_of_happened();
        assert!(
            shown.contains("{\"leaderboard\":[{\" t\":[\"Ada\",7]}]}"),
            "{kind}: {shown}"
        );
        assert!(shown.contains("seconds since 1970") && shown.contains("HMAC-SHA1"));
        let page =
            browser.post("/anatomy", &format!("token={}", token(&page.body))).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.happened().contains("Accepted"));
    }
}

#[tokio::test]
async fn a_longer_session_is_compressed_and_inflated_again() {
    let mut browser = Browser::new(&tour(Kind::Stored));
    let page = browser.get("/anatomy").await;
    assert!(page.happened().contains("so it was not compressed"));
    let page = browser.get("/anatomy?longer=1").await;
    assert!(token(&page.body).starts_with('.'));
    let shown = page.text_of_happened();
    assert!(shown.contains("78 9c") && shown.contains("compressed by zlib"), "{shown}");
    assert!(shown.contains("{\"chorus\":\"Cookies that keep."), "{shown}");
}

#[tokio::test]
async fn a_changed_letter_and_a_wrong_secret_are_refused() {
    let mut browser = Browser::new(&tour(Kind::Signed));
    let token = token(&browser.get("/anatomy").await.body);
    for form in [
        format!("token={token}&act=change"),
        format!("token={token}&act=stranger"),
        format!("token=x{token}"),
        "token=a.b.c".to_owned(),
    ] {
        let page = browser.post("/anatomy", &form).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{form}");
        assert!(page.happened().contains("Refused"), "{form}");
        assert!(
            !page.happened().contains("The JSON in it") || form.contains("stranger"),
            "{form}"
        );
    }
    for nonsense in
        ["", "x", "..", ".eJw.x.y", "%F0%9F%8D%AA.%F0%9F%8D%AA.%F0%9F%8D%AA"]
    {
        let page = browser.post("/anatomy", &format!("token={nonsense}")).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{nonsense}");
    }
}

#[tokio::test]
async fn nothing_made_by_the_page_about_anatomy_opens_a_session() {
    let mut browser = Browser::new(&tour(Kind::Signed));
    browser.log_in("john", "password123").await;
    let token = token(&browser.get("/anatomy").await.body);
    let mut thief = browser.clone();
    thief.cookies.insert("__Host-session".to_owned(), token);
    assert_eq!(thief.get("/profile").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(browser.get("/profile").await.status, StatusCode::OK);
}
