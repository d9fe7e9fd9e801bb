use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::middleware::map_request;
use hardtack_jar::Browser;
use tour::Backend;

use crate::visitor::{Outcome, TourPage, log_in, session_cookie, tour, visitor};

#[tokio::test]
async fn a_user_logs_in_and_out() -> Outcome {
    for backend in Backend::ALL {
        let browser = visitor(backend);
        let page = browser.get("/home").await?;
        assert!(
            page.shows("Hello, stranger.")
                && page.result().contains("<output>1</output>")
        );

        let page = browser.get("/profile").await?;
        assert_eq!(page.status(), StatusCode::UNAUTHORIZED);
        assert!(page.result().contains("401 Unauthorized"));

        let page = log_in(&browser, "john", "password123").await?;
        assert_eq!(
            (page.status(), page.header("location")),
            (StatusCode::SEE_OTHER, Some("/home")),
            "{backend}"
        );

        let page = browser.get("/home").await?;
        assert!(page.shows("Hello, <b>john</b>.") && page.shows(">Welcome, john</p>"));
        assert!(
            page.result().contains("<output>2</output>"),
            "the guest's visits still count"
        );
        let page = browser.get("/home").await?;
        assert!(!page.shows("Welcome") && page.result().contains("<output>3</output>"));

        let page = browser.get("/profile").await?;
        assert_eq!(page.status(), StatusCode::OK);
        assert!(page.result().contains("the profile of <output>john</output>"));
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
            page.result().contains("<output>1</output>"),
            "the user's visits are gone"
        );
        assert_eq!(browser.get("/profile").await?.status(), StatusCode::UNAUTHORIZED);
    }
    Ok(())
}

#[tokio::test]
async fn a7_the_old_id_is_dead_after_a_login_and_after_a_logout() -> Outcome {
    let browser = visitor(Backend::Stored);
    browser.get("/some-route").await?;
    let before = browser.thief();
    log_in(&browser, "jane", "secret123").await?;
    assert_ne!(session_cookie(&before), session_cookie(&browser));
    assert!(before.get("/my-route").await?.result().contains("no favorite number"));
    assert_eq!(before.get("/profile").await?.status(), StatusCode::UNAUTHORIZED);
    assert!(browser.get("/my-route").await?.result().contains("<output>42</output>"));

    let stolen = browser.thief();
    assert_eq!(stolen.get("/profile").await?.status(), StatusCode::OK);
    browser.post("/logout", &[]).await?;
    assert_eq!(stolen.get("/profile").await?.status(), StatusCode::UNAUTHORIZED);
    Ok(())
}

#[tokio::test]
async fn n1_a_wrong_password_looks_like_an_unknown_name() -> Outcome {
    for backend in Backend::ALL {
        let browser = visitor(backend);
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
                "the name is still in the form"
            );
            assert!(page.set_cookies().is_empty());
        }
        assert_eq!(browser.get("/profile").await?.status(), StatusCode::UNAUTHORIZED);
    }
    Ok(())
}

#[tokio::test]
async fn the_sixth_attempt_in_a_minute_must_wait_for_known_and_unknown_names() -> Outcome
{
    let browser = visitor(Backend::Stored);
    for name in ["john", "nobody"] {
        for _ in 0..5 {
            let page = log_in(&browser.stranger(), name, "wrong").await?;
            assert_eq!(page.status(), StatusCode::OK);
        }
        let page = log_in(&browser.stranger(), name, "password123").await?;
        assert_eq!(page.status(), StatusCode::TOO_MANY_REQUESTS);
        let wait: u64 = page.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=60).contains(&wait), "{wait}");
        assert!(
            page.shows(&format!("Too many attempts. Try again in {wait} seconds."))
        );
    }
    let page = log_in(&browser.stranger(), "jane", "secret123").await?;
    assert_eq!(page.status(), StatusCode::SEE_OTHER);
    Ok(())
}

#[tokio::test]
async fn a27_a_login_redirects_back_but_never_to_another_site() -> Outcome {
    let browser = visitor(Backend::Signed);
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
async fn a25_a_link_from_another_site_logs_nobody_out() -> Outcome {
    let browser = visitor(Backend::Stored);
    log_in(&browser, "john", "password123").await?;
    for other_site in ["https://evil.example/", "https://localhost:8443/"] {
        let tab = browser.tab_at(other_site)?;
        let page = tab.follow_to("https://localhost/logout").await?;
        assert_eq!(page.status(), StatusCode::OK, "{other_site}");
        assert!(page.shows(LOG_OUT), "{other_site}");
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
async fn a25_a_link_without_fetch_metadata_logs_nobody_out() -> Outcome {
    let silent = map_request(async |mut request: Request<Body>| {
        request.headers_mut().remove("sec-fetch-site");
        request
    });
    let browser = Browser::new(tour(Backend::Stored).layer(silent)).stop_at_redirects();
    log_in(&browser, "john", "password123").await?;
    let page = browser.get("/logout").await?;
    assert_eq!(page.status(), StatusCode::OK);
    assert!(page.shows(LOG_OUT));
    assert_eq!(browser.get("/profile").await?.status(), StatusCode::OK);
    Ok(())
}

#[tokio::test]
async fn a_visitor_who_has_not_logged_in_is_not_logged_out() -> Outcome {
    let browser = visitor(Backend::Stored);
    browser.get("/some-route").await?;
    let page = browser.follow_to("/logout").await?;
    assert_eq!(page.status(), StatusCode::OK);
    assert!(page.result().contains("you are not logged in here"));
    assert!(browser.get("/my-route").await?.result().contains("<output>42</output>"));
    Ok(())
}

#[tokio::test]
async fn n6_a_form_from_another_site_is_refused() -> Outcome {
    let browser = visitor(Backend::Stored);
    log_in(&browser, "john", "password123").await?;
    for path in ["/logout", "/login"] {
        let evil = browser.tab_at("https://evil.example/")?;
        let page = evil.post(&format!("https://localhost{path}"), &[]).await?;
        assert_eq!(page.status(), StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(browser.get("/profile").await?.status(), StatusCode::OK);
    Ok(())
}

#[tokio::test]
async fn each_tip_has_its_header_in_the_same_response() -> Outcome {
    for backend in Backend::ALL {
        let browser = visitor(backend);
        let page = browser.get("/tips").await?;
        for header in [
            "tip_lax=here; Max-Age=600; Secure; HttpOnly; Path=/; SameSite=Lax",
            "tip_strict=here; Max-Age=600; Secure; HttpOnly; Path=/; SameSite=Strict",
            "tip_short=here; Max-Age=10; Secure; HttpOnly; Path=/; SameSite=Lax",
        ] {
            assert!(page.set_cookies().contains(&header), "{header}");
            assert!(page.result_text().contains(header), "{header}");
        }
        assert_eq!(page.result().matches("<b>It was not sent</b>").count(), 3);
        assert!(page.result().contains("This page was sent over plain HTTP."));
        assert_eq!(page.header("cache-control"), Some("no-store"));
        let page = browser.get("/tips").await?;
        assert_eq!(page.result().matches("<b>It was sent</b>").count(), 3);
    }
    Ok(())
}

#[tokio::test]
async fn the_ids_before_and_after_a_login_are_shown() -> Outcome {
    let browser = visitor(Backend::Stored);
    browser.get("/some-route").await?;
    let before = session_cookie(&browser)[..6].to_owned();
    log_in(&browser, "john", "password123").await?;
    let page = browser.get("/tips").await?;
    let after = session_cookie(&browser)[..6].to_owned();
    assert_ne!(before, after);
    assert!(page.result().contains(&format!("began with <output>{before}</output>")));
    assert!(page.result().contains(&format!("begins with <output>{after}</output>")));
    Ok(())
}

#[tokio::test]
async fn a_session_can_get_a_new_id() -> Outcome {
    let browser = visitor(Backend::Stored);
    browser.get("/some-route").await?;
    let before = session_cookie(&browser);
    let page = browser.post("/tips", &[]).await?;
    assert_eq!(page.header("location"), Some("/tips"));
    assert_ne!(before, session_cookie(&browser));
    assert!(browser.get("/my-route").await?.result().contains("<output>42</output>"));
    Ok(())
}

#[tokio::test]
async fn the_other_site_is_this_one_under_its_other_name() -> Outcome {
    let browser = visitor(Backend::Stored).origin("http://localhost:5000")?;
    let page = browser.get("/tips").await?;
    assert!(page.shows("href=\"http://127.0.0.1:5000/tips/elsewhere\""));
    let page = browser.get("http://127.0.0.1:5000/tips/elsewhere").await?;
    assert!(page.shows("href=\"http://localhost:5000/tips\""));
    let page = browser.get("http://example.com/tips").await?;
    assert!(!page.shows("Come here from another site"));
    Ok(())
}

#[tokio::test]
async fn o19_devices_are_listed_named_and_ended() -> Outcome {
    let here = visitor(Backend::Stored);
    let there = here.stranger();
    log_in(&here, "john", "password123").await?;
    log_in(&there, "john", "password123").await?;
    assert_eq!(
        here.post("/devices/name", &[("label", "kitchen tablet")]).await?.status(),
        StatusCode::SEE_OTHER
    );
    let page = here.get("/devices").await?;
    assert_eq!(page.status(), StatusCode::OK);
    assert_eq!(page.result().matches("<li>").count(), 2);
    assert!(
        page.result().contains("<b>kitchen tablet</b> <output>this device</output>")
    );

    let page = there.get("/devices").await?;
    let end = page.form("/devices/end")?;
    assert!(page.shows("aria-label=\"Log out kitchen tablet of"), "{}", page.result());
    assert_eq!(there.submit(end).await?.status(), StatusCode::SEE_OTHER);
    assert_eq!(here.get("/profile").await?.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(there.get("/profile").await?.status(), StatusCode::OK);
    assert_eq!(
        there.post("/devices/end", &[("device", "nonsense")]).await?.status(),
        StatusCode::SEE_OTHER
    );

    log_in(&here, "john", "password123").await?;
    there.post("/devices/end-others", &[]).await?;
    assert_eq!(here.get("/profile").await?.status(), StatusCode::UNAUTHORIZED);
    assert!(there.get("/devices").await?.shows("Logged out elsewhere: 1"));
    Ok(())
}

#[tokio::test]
async fn a16_nobody_ends_a_strangers_device() -> Outcome {
    let john = visitor(Backend::Stored);
    let jane = john.stranger();
    log_in(&john, "john", "password123").await?;
    log_in(&jane, "jane", "secret123").await?;
    let handle =
        john.get("/devices").await?.form("/devices/end")?.value("device").unwrap();
    jane.post("/devices/end", &[("device", &handle)]).await?;
    assert_eq!(john.get("/profile").await?.status(), StatusCode::OK);
    let page = john.stranger().post("/devices/end", &[("device", &handle)]).await?;
    assert_eq!(page.status(), StatusCode::UNAUTHORIZED);
    Ok(())
}

#[tokio::test]
async fn sessions_in_cookies_explain_why_they_list_no_devices() -> Outcome {
    for backend in [Backend::Signed, Backend::Encrypted] {
        let browser = visitor(backend);
        assert_eq!(browser.get("/devices").await?.status(), StatusCode::UNAUTHORIZED);
        log_in(&browser, "john", "password123").await?;
        let page = browser.get("/devices").await?;
        assert_eq!(page.status(), StatusCode::OK);
        assert!(
            page.result().contains("the server keeps no list of cookies"),
            "{backend}"
        );
        browser.post("/kind", &[("kind", "stored"), ("next", "/devices")]).await?;
        assert!(
            browser
                .get("/devices")
                .await?
                .result()
                .contains("<output>this device</output>"),
            "{backend}"
        );
        let other = visitor(backend);
        assert_eq!(
            other.post("/devices/end-others", &[]).await?.status(),
            StatusCode::NOT_IMPLEMENTED
        );
    }
    Ok(())
}
