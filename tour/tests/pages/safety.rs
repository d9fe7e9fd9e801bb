use std::collections::BTreeSet;

use axum::http::StatusCode;
use hardtack_jar::{Browser, Error};
use tour::{Kind, pages};

use crate::visitor::{Outcome, TourPage, log_in, session_cookie, visitor};

#[tokio::test]
async fn each_tip_has_its_header_in_the_very_answer() -> Outcome {
    for kind in Kind::ALL {
        let browser = visitor(kind);
        let page = browser.get("/tips").await?;
        for header in [
            "tip_lax=here; Max-Age=600; Secure; HttpOnly; Path=/; SameSite=Lax",
            "tip_strict=here; Max-Age=600; Secure; HttpOnly; Path=/; SameSite=Strict",
            "tip_short=here; Max-Age=10; Secure; HttpOnly; Path=/; SameSite=Lax",
        ] {
            assert!(page.set_cookies().contains(&header), "{header}");
            assert!(page.text_of_happened().contains(header), "{header}");
        }
        assert_eq!(page.happened().matches("<b>It did not come</b>").count(), 3);
        assert!(page.happened().contains("This page came over plain http."));
        assert_eq!(page.header("cache-control"), Some("no-store"));
        let page = browser.get("/tips").await?;
        assert_eq!(page.happened().matches("<b>It came</b>").count(), 3);
    }
    Ok(())
}

#[tokio::test]
async fn the_id_before_a_login_and_after_it_are_told_apart() -> Outcome {
    let browser = visitor(Kind::Stored);
    browser.get("/some-route").await?;
    let before = session_cookie(&browser)[..6].to_owned();
    log_in(&browser, "john", "password123").await?;
    let page = browser.get("/tips").await?;
    let after = session_cookie(&browser)[..6].to_owned();
    assert_ne!(before, after);
    assert!(page.happened().contains(&format!("began with <output>{before}</output>")));
    assert!(page.happened().contains(&format!("begins with <output>{after}</output>")));
    Ok(())
}

#[tokio::test]
async fn a_new_id_is_to_be_had() -> Outcome {
    let browser = visitor(Kind::Stored);
    browser.get("/some-route").await?;
    let before = session_cookie(&browser);
    let page = browser.post("/tips", &[]).await?;
    assert_eq!(page.header("location"), Some("/tips"));
    assert_ne!(before, session_cookie(&browser));
    assert!(browser.get("/my-route").await?.happened().contains("<output>42</output>"));
    Ok(())
}

#[tokio::test]
async fn another_site_is_this_one_under_its_other_name() -> Outcome {
    let browser = visitor(Kind::Stored).origin("http://localhost:5000")?;
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
    let here = visitor(Kind::Stored);
    let there = here.stranger();
    log_in(&here, "john", "password123").await?;
    log_in(&there, "john", "password123").await?;
    assert_eq!(
        here.post("/devices/name", &[("label", "kitchen tablet")]).await?.status(),
        StatusCode::SEE_OTHER
    );
    let page = here.get("/devices").await?;
    assert_eq!(page.status(), StatusCode::OK);
    assert_eq!(page.happened().matches("<li>").count(), 2);
    assert!(
        page.happened().contains("<b>kitchen tablet</b> <output>this one</output>")
    );

    let page = there.get("/devices").await?;
    let end = page.form("/devices/end")?;
    assert!(page.shows("aria-label=\"End kitchen tablet of"), "{}", page.happened());
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
    assert!(there.get("/devices").await?.shows("Ended elsewhere: 1"));
    Ok(())
}

#[tokio::test]
async fn a16_nobody_ends_a_strangers_device() -> Outcome {
    let john = visitor(Kind::Stored);
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
async fn sessions_in_cookies_say_why_they_list_no_devices() -> Outcome {
    for kind in [Kind::Signed, Kind::Encrypted] {
        let browser = visitor(kind);
        assert_eq!(browser.get("/devices").await?.status(), StatusCode::UNAUTHORIZED);
        log_in(&browser, "john", "password123").await?;
        let page = browser.get("/devices").await?;
        assert_eq!(page.status(), StatusCode::OK);
        assert!(
            page.happened().contains("the server keeps no list of cookies"),
            "{kind}"
        );
        browser.post("/kind", &[("kind", "stored"), ("next", "/devices")]).await?;
        assert!(
            browser
                .get("/devices")
                .await?
                .happened()
                .contains("<output>this one</output>"),
            "{kind}"
        );
        let other = visitor(kind);
        assert_eq!(
            other.post("/devices/end-others", &[]).await?.status(),
            StatusCode::NOT_IMPLEMENTED
        );
    }
    Ok(())
}

#[tokio::test]
async fn a25_no_form_of_another_site_is_taken_anywhere() -> Outcome {
    let browser = visitor(Kind::Stored);
    log_in(&browser, "john", "password123").await?;
    let paths = paths_of_forms(&browser.stranger()).await?;
    assert!(paths.len() >= 24, "{paths:?}");
    for path in paths {
        let evil = browser.tab_at("https://evil.example/")?;
        let page = evil.post(&format!("https://localhost{path}"), &[]).await?;
        assert_eq!(page.status(), StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(browser.get("/profile").await?.status(), StatusCode::OK);
    Ok(())
}

/// Returns the paths to which the forms of all pages post, as a user sees them.
async fn paths_of_forms(user: &Browser) -> Result<BTreeSet<String>, Error> {
    log_in(user, "jane", "secret123").await?;
    let mut paths = BTreeSet::new();
    for page in pages() {
        let text = user.get(page.path).await?.text();
        let tags =
            text.split("<form ").skip(1).filter_map(|form| form.split('>').next());
        let posts = tags.filter(|tag| tag.contains("method=\"post\""));
        let actions =
            posts.filter_map(|tag| tag.split("action=\"").nth(1)?.split('"').next());
        paths.extend(actions.map(str::to_owned));
    }
    Ok(paths)
}
