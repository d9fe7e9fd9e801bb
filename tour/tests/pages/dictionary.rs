use axum::http::StatusCode;
use hardtack_jar::BrowserPage;
use tour::Kind;

use crate::visitor::{Outcome, TourPage, log_in, visitor};

#[tokio::test]
async fn every_type_comes_back_as_what_it_was() -> Outcome {
    for kind in Kind::ALL {
        let browser = visitor(kind);
        assert!(
            browser
                .get("/types")
                .await?
                .happened()
                .contains("None of them is there yet.")
        );
        browser.post("/types", &[]).await?;
        let page = browser.get("/types").await?;
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
    Ok(())
}

#[tokio::test]
async fn a_leaderboard_stays_a_list_and_in_order() -> Outcome {
    for kind in Kind::ALL {
        let browser = visitor(kind);
        assert!(
            browser
                .get("/leaderboard")
                .await?
                .happened()
                .contains("Nobody is on the board yet.")
        );
        for (player, points) in [
            ("Ada", "7"),
            ("Bob", "9"),
            ("Cyd", "8"),
            ("Dee", "1"),
            ("Eve", "2"),
            ("Fay", "3"),
        ] {
            browser
                .post("/leaderboard", &[("player", player), ("points", points)])
                .await?;
        }
        let shown = browser.get("/leaderboard").await?.text_of_happened();
        assert!(shown.contains("Bob 9 Cyd 8 Ada 7 Fay 3 Eve 2"), "{kind}: {shown}");
        assert!(!shown.contains("Dee"), "five have room");
    }
    Ok(())
}

#[tokio::test]
async fn a_session_is_for_the_visit_or_for_longer() -> Outcome {
    for kind in Kind::ALL {
        let browser = visitor(kind);
        assert!(
            browser
                .get("/remember")
                .await?
                .happened()
                .contains("You have no session yet.")
        );
        let page = browser.post("/remember", &[("remember", "on")]).await?;
        assert!(page.set_cookies()[0].contains("; Max-Age="), "{kind}");
        assert!(
            browser
                .get("/remember")
                .await?
                .happened()
                .contains("<output>permanent</output>")
        );
        let page = browser.post("/remember", &[]).await?;
        assert!(!page.set_cookies()[0].contains("Max-Age"), "{kind}");
        assert!(
            browser
                .get("/remember")
                .await?
                .happened()
                .contains("as long as your browser runs")
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_message_is_shown_once() -> Outcome {
    for kind in Kind::ALL {
        let browser = visitor(kind);
        assert!(browser.get("/flash").await?.happened().contains("No message waits."));
        browser
            .post("/flash", &[("message", "Saved."), ("category", "message")])
            .await?;
        browser
            .post("/flash", &[("message", "Not <b>"), ("category", "error")])
            .await?;
        let page = browser.get("/flash").await?;
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
            browser.get("/flash").await?.happened().contains("No message waits."),
            "{kind}"
        );
    }
    Ok(())
}

/// Returns the token that the anatomy page shows.
fn token(page: &BrowserPage) -> String {
    let form = page.forms().into_iter().find(|form| form.value("token").is_some());
    form.and_then(|form| form.value("token")).expect("a token")
}

#[tokio::test]
async fn a_sessions_cookie_is_taken_apart() -> Outcome {
    for kind in Kind::ALL {
        let browser = visitor(kind);
        assert!(
            browser
                .get("/anatomy")
                .await?
                .text_of_happened()
                .contains("\"fav_number\":42"),
            "an example"
        );
        browser.post("/leaderboard", &[("player", "Ada"), ("points", "7")]).await?;
        let page = browser.get("/anatomy").await?;
        let shown = page.text_of_happened();
        assert!(
            shown.contains("{\"leaderboard\":[{\" t\":[\"Ada\",7]}]}"),
            "{kind}: {shown}"
        );
        assert!(shown.contains("seconds since 1970") && shown.contains("HMAC-SHA1"));
        let page = browser.post("/anatomy", &[("token", &token(&page))]).await?;
        assert_eq!(page.status(), StatusCode::OK);
        assert!(page.happened().contains("Accepted"));
    }
    Ok(())
}

#[tokio::test]
async fn a_longer_session_is_compressed_and_inflated_again() -> Outcome {
    let browser = visitor(Kind::Stored);
    let page = browser.get("/anatomy").await?;
    assert!(page.happened().contains("so it was not compressed"));
    let page = browser.get("/anatomy?longer=1").await?;
    assert!(token(&page).starts_with('.'));
    let shown = page.text_of_happened();
    assert!(shown.contains("78 9c") && shown.contains("compressed by zlib"), "{shown}");
    assert!(shown.contains("{\"chorus\":\"Cookies that keep."), "{shown}");
    Ok(())
}

#[tokio::test]
async fn a_changed_letter_and_a_wrong_secret_are_refused() -> Outcome {
    let browser = visitor(Kind::Signed);
    let token = token(&browser.get("/anatomy").await?);
    for (token, act) in [
        (token.clone(), "change"),
        (token.clone(), "stranger"),
        (format!("x{token}"), ""),
        ("a.b.c".to_owned(), ""),
    ] {
        let page = browser.post("/anatomy", &[("token", &token), ("act", act)]).await?;
        assert_eq!(page.status(), StatusCode::BAD_REQUEST, "{token} {act}");
        assert!(page.happened().contains("Refused"), "{token} {act}");
        assert!(
            !page.happened().contains("The JSON in it") || act == "stranger",
            "{token} {act}"
        );
    }
    for nonsense in ["", "x", "..", ".eJw.x.y", "\u{1f36a}.\u{1f36a}.\u{1f36a}"] {
        let page = browser.post("/anatomy", &[("token", nonsense)]).await?;
        assert_eq!(page.status(), StatusCode::BAD_REQUEST, "{nonsense}");
    }
    Ok(())
}

#[tokio::test]
async fn nothing_made_by_the_page_about_anatomy_opens_a_session() -> Outcome {
    let browser = visitor(Kind::Signed);
    log_in(&browser, "john", "password123").await?;
    let token = token(&browser.get("/anatomy").await?);
    let thief = browser.thief();
    thief.edit_cookie("__Host-session", &token)?;
    assert_eq!(thief.get("/profile").await?.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(browser.get("/profile").await?.status(), StatusCode::OK);
    Ok(())
}
