use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::middleware::map_request;
use hardtack_jar::Browser;
use tour::Kind;

use crate::visitor::{Outcome, TourPage, log_in, session_cookie, tour, visitor};

#[tokio::test]
async fn a_user_comes_looks_and_goes() -> Outcome {
    for kind in Kind::ALL {
        let browser = visitor(kind);
        let page = browser.get("/home").await?;
        assert!(
            page.shows("Hello, stranger.")
                && page.happened().contains("<output>1</output>")
        );

        let page = browser.get("/profile").await?;
        assert_eq!(page.status(), StatusCode::UNAUTHORIZED);
        assert!(page.happened().contains("401 Unauthorized"));

        let page = log_in(&browser, "john", "password123").await?;
        assert_eq!(
            (page.status(), page.header("location")),
            (StatusCode::SEE_OTHER, Some("/home")),
            "{kind}"
        );

        let page = browser.get("/home").await?;
        assert!(page.shows("Hello, <b>john</b>.") && page.shows(">Welcome, john</p>"));
        assert!(
            page.happened().contains("<output>2</output>"),
            "a guest's visits are kept"
        );
        let page = browser.get("/home").await?;
        assert!(
            !page.shows("Welcome") && page.happened().contains("<output>3</output>")
        );

        let page = browser.get("/profile").await?;
        assert_eq!(page.status(), StatusCode::OK);
        assert!(page.happened().contains("the profile of <output>john</output>"));
        assert_eq!(page.header("cache-control"), Some("no-store"));

        let page = browser.post("/logout", &[]).await?;
        assert_eq!(
            (page.status(), page.header("location")),
            (StatusCode::SEE_OTHER, Some("/home"))
        );
        let page = browser.get("/home").await?;
        assert!(
            page.shows("Hello, stranger.") && page.shows(">You have logged out</p>")
        );
        assert!(
            page.happened().contains("<output>1</output>"),
            "a user's visits are gone"
        );
        assert_eq!(browser.get("/profile").await?.status(), StatusCode::UNAUTHORIZED);
    }
    Ok(())
}

#[tokio::test]
async fn a7_the_old_id_is_dead_after_a_login_and_after_a_logout() -> Outcome {
    let browser = visitor(Kind::Stored);
    browser.get("/some-route").await?;
    let before = browser.thief();
    log_in(&browser, "jane", "secret123").await?;
    assert_ne!(session_cookie(&before), session_cookie(&browser));
    assert!(before.get("/my-route").await?.happened().contains("no favorite number"));
    assert_eq!(before.get("/profile").await?.status(), StatusCode::UNAUTHORIZED);
    assert!(browser.get("/my-route").await?.happened().contains("<output>42</output>"));

    let stolen = browser.thief();
    assert_eq!(stolen.get("/profile").await?.status(), StatusCode::OK);
    browser.post("/logout", &[]).await?;
    assert_eq!(stolen.get("/profile").await?.status(), StatusCode::UNAUTHORIZED);
    Ok(())
}

#[tokio::test]
async fn n1_a_wrong_password_is_told_from_nothing() -> Outcome {
    for kind in Kind::ALL {
        let browser = visitor(kind);
        for (name, password) in [
            ("john", "wrong"),
            ("jane", "password123"),
            ("nobody", "password123"),
            ("", ""),
        ] {
            let page = log_in(&browser, name, password).await?;
            assert_eq!(page.status(), StatusCode::OK);
            assert!(page.shows(">Invalid username or password</p>"));
            assert!(
                page.shows(&format!("name=\"username\" value=\"{name}\"")),
                "the name need not be typed again"
            );
            assert!(page.set_cookies().is_empty());
        }
        assert_eq!(browser.get("/profile").await?.status(), StatusCode::UNAUTHORIZED);
    }
    Ok(())
}

#[tokio::test]
async fn the_sixth_try_in_a_minute_waits_for_users_and_for_nobody_alike() -> Outcome {
    let browser = visitor(Kind::Stored);
    for name in ["john", "nobody"] {
        for _ in 0..5 {
            let page = log_in(&browser.stranger(), name, "wrong").await?;
            assert_eq!(page.status(), StatusCode::OK);
        }
        let page = log_in(&browser.stranger(), name, "password123").await?;
        assert_eq!(page.status(), StatusCode::TOO_MANY_REQUESTS);
        let wait: u64 = page.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=60).contains(&wait), "{wait}");
        assert!(page.shows(&format!("Too many tries. Try again in {wait} seconds.")));
    }
    let page = log_in(&browser.stranger(), "jane", "secret123").await?;
    assert_eq!(page.status(), StatusCode::SEE_OTHER);
    Ok(())
}

#[tokio::test]
async fn a27_a_login_leads_back_but_never_elsewhere() -> Outcome {
    let browser = visitor(Kind::Signed);
    let page = browser.get("/login?next=/profile").await?;
    assert!(
        page.shows("<input type=\"hidden\" name=\"next\" value=\"&#x2f;profile\">")
    );
    for (next, leads) in [
        ("/profile", "/profile"),
        ("/my-route?x=1", "/my-route?x=1"),
        ("//evil.example", "/"),
        ("https://evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/logout", "/home"),
        ("/logout?x", "/home"),
    ] {
        let form = [("username", "john"), ("password", "password123"), ("next", next)];
        let page = browser.post("/login", &form).await?;
        assert_eq!(
            (page.status(), page.header("location")),
            (StatusCode::SEE_OTHER, Some(leads)),
            "{next}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn a25_a_link_from_elsewhere_logs_nobody_out() -> Outcome {
    let browser = visitor(Kind::Stored);
    log_in(&browser, "john", "password123").await?;
    for elsewhere in ["https://evil.example/", "https://localhost:8443/"] {
        let tab = browser.tab_at(elsewhere)?;
        let page = tab.follow_to("https://localhost/logout").await?;
        assert_eq!(page.status(), StatusCode::OK, "{elsewhere}");
        assert!(page.shows(LOG_OUT), "{elsewhere}");
    }
    let ahead = Request::get("/logout")
        .header("sec-fetch-site", "none")
        .header("sec-purpose", "prefetch;prerender");
    let page = browser.send(ahead.body("").unwrap()).await?;
    assert_eq!(page.status(), StatusCode::OK);
    assert_eq!(browser.get("/profile").await?.status(), StatusCode::OK);

    assert_eq!(browser.get("/logout").await?.status(), StatusCode::SEE_OTHER);
    assert_eq!(browser.get("/profile").await?.status(), StatusCode::UNAUTHORIZED);
    Ok(())
}

const LOG_OUT: &str =
    "<form action=\"/logout\" method=\"post\"><button>Log out</button></form>";

#[tokio::test]
async fn a25_a_browser_that_does_not_say_who_asks_logs_nobody_out() -> Outcome {
    let silent = map_request(async |mut request: Request<Body>| {
        request.headers_mut().remove("sec-fetch-site");
        request
    });
    let browser = Browser::new(tour(Kind::Stored).layer(silent)).stop_at_redirects();
    log_in(&browser, "john", "password123").await?;
    let page = browser.get("/logout").await?;
    assert_eq!(page.status(), StatusCode::OK);
    assert!(page.shows(LOG_OUT));
    assert_eq!(browser.get("/profile").await?.status(), StatusCode::OK);
    Ok(())
}

#[tokio::test]
async fn who_has_not_logged_in_is_not_logged_out() -> Outcome {
    let browser = visitor(Kind::Stored);
    browser.get("/some-route").await?;
    let page = browser.follow_to("/logout").await?;
    assert_eq!(page.status(), StatusCode::OK);
    assert!(page.happened().contains("nobody has logged in here"));
    assert!(browser.get("/my-route").await?.happened().contains("<output>42</output>"));
    Ok(())
}

#[tokio::test]
async fn n6_a_form_from_another_site_is_refused() -> Outcome {
    let browser = visitor(Kind::Stored);
    log_in(&browser, "john", "password123").await?;
    for path in ["/logout", "/login"] {
        let evil = browser.tab_at("https://evil.example/")?;
        let page = evil.post(&format!("https://localhost{path}"), &[]).await?;
        assert_eq!(page.status(), StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(browser.get("/profile").await?.status(), StatusCode::OK);
    Ok(())
}
