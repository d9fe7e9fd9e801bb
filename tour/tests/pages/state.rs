use axum::http::StatusCode;
use tour::Backend;

use crate::visitor::{Outcome, TourPage, visitor};

#[tokio::test]
async fn the_conversation_is_played_by_a_real_router() -> Outcome {
    let browser = visitor(Backend::Stored);
    let page = browser.get("/conversation").await?;
    assert!(page.result().contains("The server does not know you yet."));
    let shown = page.result_text();
    assert!(
        shown.contains("“Hello, stranger. What is your favorite food?”"),
        "{shown}"
    );
    assert!(
        shown.contains("Set-Cookie: fav_food=ramen; Path=/; SameSite=Lax"),
        "{shown}"
    );
    assert!(shown.contains("Cookie: fav_food=ramen"), "{shown}");
    assert!(shown.contains("“Welcome back! I remember: you like ramen.”"), "{shown}");
    Ok(())
}

#[tokio::test]
async fn the_visitor_has_the_same_conversation() -> Outcome {
    let browser = visitor(Backend::Stored);
    let page = browser.post("/conversation", &[("fav_food", "pea soup")]).await?;
    assert_eq!(
        (page.status(), page.header("location")),
        (StatusCode::SEE_OTHER, Some("/conversation"))
    );
    assert_eq!(page.set_cookies(), ["fav_food=pea%20soup; Path=/; SameSite=Lax"]);
    let page = browser.get("/conversation").await?;
    assert!(page.result().contains("your favorite food is <output>pea soup</output>"));
    assert!(
        page.shown_headers().contains("Cookie: fav_food=pea%20soup"),
        "{}",
        page.shown_headers()
    );
    Ok(())
}

#[tokio::test]
async fn long_input_is_cut() -> Outcome {
    let browser = visitor(Backend::Stored);
    let page =
        browser.post("/conversation", &[("fav_food", &"x".repeat(10_000))]).await?;
    assert_eq!(
        page.set_cookies(),
        [format!("fav_food={}; Path=/; SameSite=Lax", "x".repeat(64))]
    );
    Ok(())
}

#[tokio::test]
async fn each_way_carries_from_step_zero_to_step_one() -> Outcome {
    for backend in Backend::ALL {
        for (way, leads_to) in [
            ("query", "/step-one?carried=mint%20tea%2F1"),
            ("path", "/step-one/mint%20tea%2F1"),
            ("cookie", "/step-one"),
            ("session", "/step-one"),
        ] {
            let browser = visitor(backend);
            let page = browser
                .post("/step-zero", &[("carried", "mint tea/1"), ("way", way)])
                .await?;
            assert_eq!(
                (page.status(), page.header("location")),
                (StatusCode::SEE_OTHER, Some(leads_to)),
                "{way}"
            );
            let page = browser.get(leads_to).await?;
            assert_eq!(
                page.result().matches("<output>mint tea&#x2f;1</output>").count(),
                1,
                "{way}"
            );
            assert_eq!(page.set_cookies().len(), 0, "{way}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_hidden_field_needs_a_form_in_between() -> Outcome {
    let browser = visitor(Backend::Stored);
    let page =
        browser.post("/step-zero", &[("carried", "tea"), ("way", "hidden")]).await?;
    assert!(page.shows("<input type=\"hidden\" name=\"carried\" value=\"tea\">"));
    let page = browser.post("/step-one", &[("carried", "tea")]).await?;
    assert!(page.result().contains("<output>tea</output>"));
    assert!(
        !browser.get("/step-one").await?.result().contains("<output>"),
        "the next request does not contain it"
    );
    Ok(())
}

#[tokio::test]
async fn the_storages_are_said_to_need_javascript() -> Outcome {
    let browser = visitor(Backend::Stored);
    for way in ["localStorage", "sessionStorage"] {
        let page =
            browser.post("/step-zero", &[("carried", "tea"), ("way", way)]).await?;
        assert!(page.shows("Only JavaScript can read it"), "{way}");
    }
    let page = browser.get("/step-one").await?;
    assert_eq!(page.result().matches("not visible to the server").count(), 2);
    Ok(())
}

#[tokio::test]
async fn cookie_and_session_can_be_cleared() -> Outcome {
    let browser = visitor(Backend::Stored);
    for way in ["cookie", "session"] {
        browser.post("/step-zero", &[("carried", "tea"), ("way", way)]).await?;
    }
    assert_eq!(
        browser.get("/step-one").await?.result().matches("<output>tea").count(),
        2
    );
    browser.post("/step-zero", &[("carried", ""), ("way", "forget")]).await?;
    assert_eq!(browser.get("/step-one").await?.result().matches("<output>").count(), 0);
    Ok(())
}

#[tokio::test]
async fn of_the_three_storages_the_server_sees_only_the_cookie() -> Outcome {
    let browser = visitor(Backend::Stored);
    assert!(browser.get("/storage").await?.result().contains("no cookie named note"));
    let page = browser.post("/storage", &[("note", "remember me")]).await?;
    assert_eq!(
        page.set_cookies(),
        ["note=remember%20me; Path=/; SameSite=Lax"],
        "scripts can read it"
    );
    let page = browser.get("/storage").await?;
    assert!(page.result().contains("<output>remember me</output>"));
    assert!(page.shows("data-banner hidden"), "without scripts there is no banner");
    Ok(())
}

#[tokio::test]
async fn a_visitor_gets_a_recommendation() -> Outcome {
    let browser = visitor(Backend::Stored);
    assert!(browser.get("/which").await?.result().contains("Select what you need."));
    let page = browser.get("/which?server=on&trust=on&last=on&asked=1").await?;
    assert!(page.result().contains("Use <output>a signed session</output>"));
    assert!(page.result().contains("session.permanent()"));
    assert!(
        page.shows("name=\"trust\" checked") && !page.shows("name=\"secret\" checked")
    );
    Ok(())
}
