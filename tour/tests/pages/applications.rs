use axum::http::StatusCode;
use tour::Backend;

use crate::visitor::{Outcome, TourPage, session_cookie, visitor};

#[tokio::test]
async fn the_invitation_is_for_those_who_know_the_code() -> Outcome {
    for backend in Backend::ALL {
        let browser = visitor(backend);
        assert!(!browser.get("/invite").await?.shows("lighthouse"));
        let page = browser.post("/invite", &[("code", "biscuit")]).await?;
        assert_eq!(page.status(), StatusCode::FORBIDDEN);
        assert!(page.set_cookies().is_empty() && !page.shows("lighthouse"));
        let page = browser.post("/invite", &[("code", "hardtack")]).await?;
        assert_eq!(
            (page.status(), page.header("location")),
            (StatusCode::SEE_OTHER, Some("/invite"))
        );
        assert!(browser.get("/invite").await?.result().contains("lighthouse"));
    }
    Ok(())
}

#[tokio::test]
async fn a_guest_fills_a_cart_and_keeps_it_after_logging_in() -> Outcome {
    for backend in Backend::ALL {
        let browser = visitor(backend);
        for goods in ["tea", "tea", "jam", "gold"] {
            browser.post("/cart", &[("add", goods)]).await?;
        }
        assert!(browser.get("/cart").await?.shows("Total: <output>11.20</output>"));
        let guest = session_cookie(&browser);
        let page = browser
            .post(
                "/login",
                &[("username", "john"), ("password", "password123"), ("next", "/cart")],
            )
            .await?;
        assert_eq!(page.header("location"), Some("/cart"));
        let page = browser.get("/cart").await?;
        assert!(page.shows("Total: <output>11.20</output>"), "{backend}");
        assert!(page.result().contains("the cart of <output>john</output>"));
        assert_ne!(session_cookie(&browser), guest);
        browser.post("/cart", &[("remove", "tea")]).await?;
        assert!(browser.get("/cart").await?.shows("Total: <output>4.20</output>"));
    }
    Ok(())
}

#[tokio::test]
async fn a_cart_loses_nothing_to_parallel_requests() -> Outcome {
    let browser = visitor(Backend::Stored);
    browser.post("/cart", &[("add", "tea")]).await?;
    let mut adding = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let tab = browser.tab();
        adding.spawn(async move { tab.post("/cart", &[("add", "tea")]).await });
    }
    while let Some(page) = adding.join_next().await {
        assert_eq!(page.unwrap()?.status(), StatusCode::SEE_OTHER);
    }
    assert!(
        browser.get("/cart").await?.shows("Total: <output>73.50</output>"),
        "21 teas"
    );
    Ok(())
}

#[tokio::test]
async fn a_link_works_once() -> Outcome {
    let browser = visitor(Backend::Stored);
    let page = browser.post("/token", &[]).await?;
    let mut links = page.links().into_iter().map(|link| link.url().path().to_owned());
    let link = links.find(|path| path.starts_with("/token/")).unwrap();
    for _ in 0..2 {
        assert_eq!(
            browser.get(&link).await?.status(),
            StatusCode::OK,
            "opening the link does not use it"
        );
    }
    assert!(browser.post(&link, &[]).await?.result().contains("Confirmed."));
    assert_eq!(browser.post(&link, &[]).await?.status(), StatusCode::GONE);
    assert_eq!(browser.stranger().get(&link).await?.status(), StatusCode::GONE);
    assert!(
        browser.get("/token").await?.result().contains("You have used such a link")
    );
    assert_eq!(browser.get("/token/nonsense").await?.status(), StatusCode::GONE);
    Ok(())
}
