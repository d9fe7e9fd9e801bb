use axum::http::{Request, StatusCode};
use tour::Kind;

use crate::browser::{Browser, tour};

#[tokio::test]
async fn each_tip_has_its_header_in_the_very_answer() {
    for kind in Kind::ALL {
        let mut browser = Browser::new(&tour(kind));
        let page = browser.get("/tips").await;
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
        assert_eq!(page.header("cache-control"), "no-store");
        let page = browser.get("/tips").await;
        assert_eq!(page.happened().matches("<b>It came</b>").count(), 3);
    }
}

#[tokio::test]
async fn the_id_before_a_login_and_after_it_are_told_apart() {
    let mut browser = Browser::new(&tour(Kind::Stored));
    browser.get("/some-route").await;
    let before = browser.cookies["__Host-session"][..6].to_owned();
    browser.log_in("john", "password123").await;
    let page = browser.get("/tips").await;
    let after = &browser.cookies["__Host-session"][..6];
    assert_ne!(before, after);
    assert!(page.happened().contains(&format!("began with <output>{before}</output>")));
    assert!(page.happened().contains(&format!("begins with <output>{after}</output>")));
}

#[tokio::test]
async fn a_new_id_is_to_be_had() {
    let mut browser = Browser::new(&tour(Kind::Stored));
    browser.get("/some-route").await;
    let before = browser.cookies["__Host-session"].clone();
    let page = browser.post("/tips", "").await;
    assert_eq!(page.header("location"), "/tips");
    assert_ne!(before, browser.cookies["__Host-session"]);
    assert!(browser.get("/my-route").await.happened().contains("<output>42</output>"));
}

#[tokio::test]
async fn another_site_is_this_one_under_its_other_name() {
    let mut browser = Browser::new(&tour(Kind::Stored));
    let at = |path: &str, host: &str| Request::get(path).header("host", host);
    let page = browser.send(at("/tips", "localhost:5000"), "").await;
    assert!(page.shows("href=\"http://127.0.0.1:5000/tips/elsewhere\""));
    let page = browser.send(at("/tips/elsewhere", "127.0.0.1:5000"), "").await;
    assert!(page.shows("href=\"http://localhost:5000/tips\""));
    let page = browser.send(at("/tips", "example.com"), "").await;
    assert!(!page.shows("Come here from another site"));
}

#[tokio::test]
async fn devices_are_listed_named_and_ended() {
    let app = tour(Kind::Stored);
    let (mut here, mut there) = (Browser::new(&app), Browser::new(&app));
    here.log_in("john", "password123").await;
    there.log_in("john", "password123").await;
    assert_eq!(
        here.post("/devices/name", "label=kitchen+tablet").await.status,
        StatusCode::SEE_OTHER
    );
    let page = here.get("/devices").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.happened().matches("<li>").count(), 2);
    assert!(
        page.happened().contains("<b>kitchen tablet</b> <output>this one</output>")
    );

    let page = there.get("/devices").await;
    let (_, kitchen) = page.body.split_once("<b>kitchen tablet</b>").unwrap();
    let handle = kitchen
        .split_once("name=\"device\" value=\"")
        .unwrap()
        .1
        .split('"')
        .next()
        .unwrap();
    assert_eq!(
        there.post("/devices/end", &format!("device={handle}")).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(here.get("/profile").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(there.get("/profile").await.status, StatusCode::OK);
    assert_eq!(
        there.post("/devices/end", "device=nonsense").await.status,
        StatusCode::SEE_OTHER
    );

    here.log_in("john", "password123").await;
    there.post("/devices/end-others", "").await;
    assert_eq!(here.get("/profile").await.status, StatusCode::UNAUTHORIZED);
    assert!(there.get("/devices").await.shows("Ended elsewhere: 1"));
}

#[tokio::test]
async fn nobody_ends_a_strangers_device() {
    let app = tour(Kind::Stored);
    let (mut john, mut jane) = (Browser::new(&app), Browser::new(&app));
    john.log_in("john", "password123").await;
    jane.log_in("jane", "secret123").await;
    let page = john.get("/devices").await;
    let handle = page
        .body
        .split_once("name=\"device\" value=\"")
        .unwrap()
        .1
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    jane.post("/devices/end", &format!("device={handle}")).await;
    assert_eq!(john.get("/profile").await.status, StatusCode::OK);
    let page =
        Browser::new(&app).post("/devices/end", &format!("device={handle}")).await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn sessions_in_cookies_say_why_they_list_no_devices() {
    for kind in [Kind::Signed, Kind::Encrypted] {
        let mut browser = Browser::new(&tour(kind));
        assert_eq!(browser.get("/devices").await.status, StatusCode::UNAUTHORIZED);
        browser.log_in("john", "password123").await;
        let page = browser.get("/devices").await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(
            page.happened().contains("the server keeps no list of cookies"),
            "{kind}"
        );
        browser.post("/kind", "kind=stored&next=/devices").await;
        assert!(
            browser
                .get("/devices")
                .await
                .happened()
                .contains("<output>this one</output>"),
            "{kind}"
        );
        let mut other = Browser::new(&tour(kind));
        assert_eq!(
            other.post("/devices/end-others", "").await.status,
            StatusCode::NOT_IMPLEMENTED
        );
    }
}

#[tokio::test]
async fn no_form_of_another_site_is_taken_anywhere() {
    let mut browser = Browser::new(&tour(Kind::Stored));
    browser.log_in("john", "password123").await;
    for path in [
        "/kind",
        "/progress",
        "/conversation",
        "/step-zero",
        "/storage",
        "/preferences",
        "/options",
        "/limits",
        "/limits/session",
        "/jar/clear",
        "/types",
        "/leaderboard",
        "/anatomy",
        "/remember",
        "/flash",
        "/invite",
        "/cart",
        "/token",
        "/devices/name",
        "/devices/end",
        "/devices/end-others",
        "/tips",
        "/login",
        "/logout",
    ] {
        let forged = Request::post(path)
            .header("host", "localhost:5000")
            .header("sec-fetch-site", "cross-site");
        assert_eq!(
            browser.send(forged, "").await.status,
            StatusCode::FORBIDDEN,
            "{path}"
        );
    }
    assert_eq!(browser.get("/profile").await.status, StatusCode::OK);
}
