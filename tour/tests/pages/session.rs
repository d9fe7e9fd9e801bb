use axum::http::StatusCode;
use hardtack_jar::BrowserPage;
use tour::Backend;

use crate::visitor::{Outcome, TourPage, log_in, session_cookie, visitor};

#[tokio::test]
async fn one_page_puts_a_number_in_and_another_reads_it() -> Outcome {
    for backend in Backend::ALL {
        let browser = visitor(backend);
        let page = browser.get("/my-route").await?;
        assert!(page.result().contains("There is no favorite number yet."));
        assert!(page.set_cookies().is_empty(), "reading does not start a session");
        assert_eq!(page.header("vary"), Some("Cookie"));

        let page = browser.get("/some-route").await?;
        assert!(page.result().contains("Ok, I put that in the session"));
        let [cookie] = page.set_cookies()[..] else { panic!("one cookie") };
        assert!(cookie.starts_with("__Host-session="), "{cookie}");
        for attribute in ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"] {
            assert!(
                cookie.split("; ").any(|part| part == attribute),
                "{attribute} in {cookie}"
            );
        }
        assert_eq!(page.header("cache-control"), Some("no-store"));

        let page = browser.get("/my-route").await?;
        assert!(
            page.result_text()
                .contains("Your favorite number is 42, and 42 + 1 is 43.")
        );
        assert!(page.set_cookies().is_empty());
    }
    Ok(())
}

#[tokio::test]
async fn another_browser_does_not_see_the_session() -> Outcome {
    for backend in Backend::ALL {
        let browser = visitor(backend);
        browser.get("/some-route").await?;
        assert!(
            browser
                .stranger()
                .get("/my-route")
                .await?
                .result()
                .contains("no favorite number")
        );
    }
    Ok(())
}

#[tokio::test]
async fn a4_a_forged_cookie_is_a_fresh_session() -> Outcome {
    for backend in Backend::ALL {
        let browser = visitor(backend);
        browser.get("/some-route").await?;
        let forged = format!("A{}", session_cookie(&browser));
        browser.edit_cookie("__Host-session", &forged)?;
        assert!(
            browser.get("/my-route").await?.result().contains("no favorite number")
        );
    }
    Ok(())
}

#[tokio::test]
async fn every_value_keeps_its_type() -> Outcome {
    for backend in Backend::ALL {
        let browser = visitor(backend);
        assert!(
            browser
                .get("/types")
                .await?
                .result()
                .contains("None of them is stored yet.")
        );
        browser.post("/types", &[]).await?;
        let page = browser.get("/types").await?;
        let shown = page.result_text();
        assert!(
            shown.contains("42 + 1 is 43") && page.result().contains("<b>bold</b>"),
            "{backend}: {shown}"
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
            assert!(shown.contains(row), "{backend}: {row} in {shown}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_leaderboard_stays_a_sorted_list() -> Outcome {
    for backend in Backend::ALL {
        let browser = visitor(backend);
        assert!(
            browser
                .get("/leaderboard")
                .await?
                .result()
                .contains("The leaderboard is empty.")
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
        let shown = browser.get("/leaderboard").await?.result_text();
        assert!(shown.contains("Bob 9 Cyd 8 Ada 7 Fay 3 Eve 2"), "{backend}: {shown}");
        assert!(!shown.contains("Dee"), "the leaderboard has five entries");
    }
    Ok(())
}

#[tokio::test]
async fn a_session_lasts_for_the_visit_or_longer() -> Outcome {
    for backend in Backend::ALL {
        let browser = visitor(backend);
        assert!(
            browser
                .get("/remember")
                .await?
                .result()
                .contains("You have no session yet.")
        );
        let page = browser.post("/remember", &[("remember", "on")]).await?;
        assert!(page.set_cookies()[0].contains("; Max-Age="), "{backend}");
        assert!(
            browser
                .get("/remember")
                .await?
                .result()
                .contains("<output>permanent</output>")
        );
        let page = browser.post("/remember", &[]).await?;
        assert!(!page.set_cookies()[0].contains("Max-Age"), "{backend}");
        assert!(
            browser
                .get("/remember")
                .await?
                .result()
                .contains("until your browser closes")
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_message_is_shown_once() -> Outcome {
    for backend in Backend::ALL {
        let browser = visitor(backend);
        assert!(browser.get("/flash").await?.result().contains("There is no message."));
        browser
            .post("/flash", &[("message", "Saved."), ("category", "message")])
            .await?;
        browser
            .post("/flash", &[("message", "Not <b>"), ("category", "error")])
            .await?;
        let page = browser.get("/flash").await?;
        assert!(
            page.result()
                .contains("<p class=\"message message\" role=\"status\">Saved.</p>")
        );
        assert!(
            page.result().contains(
                "<p class=\"message error\" role=\"status\">Not &lt;b&gt;</p>"
            )
        );
        assert!(
            browser.get("/flash").await?.result().contains("There is no message."),
            "{backend}"
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
async fn a_session_cookie_is_decoded() -> Outcome {
    for backend in Backend::ALL {
        let browser = visitor(backend);
        assert!(
            browser.get("/anatomy").await?.result_text().contains("\"fav_number\":42"),
            "sample data"
        );
        browser.post("/leaderboard", &[("player", "Ada"), ("points", "7")]).await?;
        let page = browser.get("/anatomy").await?;
        let shown = page.result_text();
        assert!(
            shown.contains("{\"leaderboard\":[{\" t\":[\"Ada\",7]}]}"),
            "{backend}: {shown}"
        );
        assert!(shown.contains("seconds since 1970") && shown.contains("HMAC-SHA1"));
        let page = browser.post("/anatomy", &[("token", &token(&page))]).await?;
        assert_eq!(page.status(), StatusCode::OK);
        assert!(page.result().contains("Accepted"));
    }
    Ok(())
}

#[tokio::test]
async fn a_longer_session_is_compressed_and_decompressed() -> Outcome {
    let browser = visitor(Backend::Stored);
    let page = browser.get("/anatomy").await?;
    assert!(page.result().contains("so it was not compressed"));
    let page = browser.get("/anatomy?longer=1").await?;
    assert!(token(&page).starts_with('.'));
    let shown = page.result_text();
    assert!(shown.contains("78 9c") && shown.contains("compressed by zlib"), "{shown}");
    assert!(shown.contains("{\"chorus\":\"Cookies that keep."), "{shown}");
    Ok(())
}

#[tokio::test]
async fn a_changed_letter_and_a_wrong_secret_are_refused() -> Outcome {
    let browser = visitor(Backend::Signed);
    let token = token(&browser.get("/anatomy").await?);
    for (token, change) in [
        (token.clone(), "letter"),
        (token.clone(), "key"),
        (format!("x{token}"), ""),
        ("a.b.c".to_owned(), ""),
    ] {
        let page =
            browser.post("/anatomy", &[("token", &token), ("change", change)]).await?;
        assert_eq!(page.status(), StatusCode::BAD_REQUEST, "{token} {change}");
        assert!(page.result().contains("Rejected"), "{token} {change}");
        assert!(
            !page.result().contains("The JSON in it") || change == "key",
            "{token} {change}"
        );
    }
    for nonsense in ["", "x", "..", ".eJw.x.y", "\u{1f36a}.\u{1f36a}.\u{1f36a}"] {
        let page = browser.post("/anatomy", &[("token", nonsense)]).await?;
        assert_eq!(page.status(), StatusCode::BAD_REQUEST, "{nonsense}");
    }
    Ok(())
}

#[tokio::test]
async fn tokens_of_the_anatomy_page_open_no_session() -> Outcome {
    let browser = visitor(Backend::Signed);
    log_in(&browser, "john", "password123").await?;
    let token = token(&browser.get("/anatomy").await?);
    let thief = browser.thief();
    thief.edit_cookie("__Host-session", &token)?;
    assert_eq!(thief.get("/profile").await?.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(browser.get("/profile").await?.status(), StatusCode::OK);
    Ok(())
}
