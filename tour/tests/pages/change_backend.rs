use axum::http::StatusCode;
use tour::Backend;

use crate::visitor::{Outcome, TourPage, log_in, session_cookie, visitor};

#[tokio::test]
async fn a_session_moves_between_backends_with_all_of_its_data() -> Outcome {
    for from in Backend::ALL {
        for to in Backend::ALL {
            let browser = visitor(from);
            browser.get("/some-route").await?;
            log_in(&browser, "john", "password123").await?;
            let before = session_cookie(&browser);

            let page = browser
                .post("/kind", &[("kind", &to.to_string()), ("next", "/my-route")])
                .await?;
            assert_eq!(
                (page.status(), page.header("location")),
                (StatusCode::SEE_OTHER, Some("/my-route"))
            );
            let page = browser.get("/my-route").await?;
            assert!(page.shows(&format!("Your session is <b>{to}</b>")));
            assert!(page.result().contains("<output>42</output>"), "{from} to {to}");
            assert!(
                browser
                    .get("/profile")
                    .await?
                    .result()
                    .contains("<output>john</output>"),
                "{from} to {to}"
            );
            assert!(from == to || before != session_cookie(&browser));
        }
    }
    Ok(())
}

#[tokio::test]
async fn the_previous_session_is_ended() -> Outcome {
    let browser = visitor(Backend::Stored);
    log_in(&browser, "john", "password123").await?;
    let left = browser.thief();
    browser.post("/kind", &[("kind", "signed")]).await?;
    assert_eq!(left.get("/profile").await?.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(browser.get("/profile").await?.status(), StatusCode::OK);
    Ok(())
}

#[tokio::test]
async fn a_visitor_without_a_session_gets_none() -> Outcome {
    for to in Backend::ALL {
        let browser = visitor(Backend::Stored);
        browser.post("/kind", &[("kind", &to.to_string())]).await?;
        let names: Vec<_> = browser
            .with_jar(|jar| jar.iter().map(|cookie| cookie.name().to_vec()).collect());
        assert_eq!(names, [b"kind"]);
        assert!(browser.get("/").await?.shows(&format!("Your session is <b>{to}</b>")));
    }
    Ok(())
}

#[tokio::test]
async fn after_the_change_the_visitor_returns_to_a_page() -> Outcome {
    let browser = visitor(Backend::Stored);
    let page = browser.post("/limits/session", &[]).await?;
    assert!(page.shows("name=\"next\" value=\"&#x2f;limits&#x2f;session\""));
    let page = browser
        .post("/kind", &[("kind", "signed"), ("next", "/limits/session")])
        .await?;
    let page = browser.get(page.header("location").unwrap()).await?;
    assert_eq!(
        (page.status(), page.header("location")),
        (StatusCode::SEE_OTHER, Some("/limits"))
    );
    // Returning to the logout page would log the visitor out, so its form returns to the home page.
    let page = browser.get("/logout").await?;
    assert!(page.shows("name=\"next\" value=\"&#x2f;home\""));
    Ok(())
}

#[tokio::test]
async fn a_session_too_large_for_a_cookie_stays_where_it_is() -> Outcome {
    let browser = visitor(Backend::Stored);
    for number in 0..60 {
        let name = format!("{number}{}", "\u{1f36a}".repeat(60));
        browser
            .post("/leaderboard", &[("player", &name), ("points", &number.to_string())])
            .await?;
    }
    log_in(&browser, "john", "password123").await?;
    let page = browser.post("/kind", &[("kind", "encrypted")]).await?;
    assert_eq!(page.status(), StatusCode::CONFLICT);
    assert!(page.shows("Too large for a cookie") && page.set_cookies().is_empty());
    assert!(browser.get("/profile").await?.result().contains("<output>john</output>"));
    Ok(())
}

#[tokio::test]
async fn an_unknown_backend_is_refused() -> Outcome {
    let browser = visitor(Backend::Stored);
    assert_eq!(
        browser.post("/kind", &[("kind", "safe")]).await?.status(),
        StatusCode::UNPROCESSABLE_ENTITY
    );
    browser.set_cookie("kind=safe")?;
    assert!(browser.get("/").await?.shows("Your session is <b>stored</b>"));
    let page = browser
        .post("/kind", &[("kind", "signed"), ("next", "//evil.example")])
        .await?;
    assert_eq!(page.header("location"), Some("/"));
    Ok(())
}
