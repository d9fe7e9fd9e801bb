use axum::http::{Request, StatusCode};
use tour::Kind;

use crate::browser::{Browser, tour};

#[tokio::test]
async fn a_user_comes_looks_and_goes() {
    for kind in Kind::ALL {
        let mut browser = Browser::new(&tour(kind));
        let page = browser.get("/home").await;
        assert!(
            page.shows("Hello, stranger.")
                && page.happened().contains("<output>1</output>")
        );

        let page = browser.get("/profile").await;
        assert_eq!(page.status, StatusCode::UNAUTHORIZED);
        assert!(page.happened().contains("401 Unauthorized"));

        let page = browser.log_in("john", "password123").await;
        assert_eq!(
            (page.status, page.header("location")),
            (StatusCode::SEE_OTHER, "/home"),
            "{kind}"
        );

        let page = browser.get("/home").await;
        assert!(page.shows("Hello, <b>john</b>.") && page.shows(">Welcome, john</p>"));
        assert!(
            page.happened().contains("<output>2</output>"),
            "a guest's visits are kept"
        );
        let page = browser.get("/home").await;
        assert!(
            !page.shows("Welcome") && page.happened().contains("<output>3</output>")
        );

        let page = browser.get("/profile").await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.happened().contains("the profile of <output>john</output>"));
        assert_eq!(page.header("cache-control"), "no-store");

        let page = browser.post("/logout", "").await;
        assert_eq!(
            (page.status, page.header("location")),
            (StatusCode::SEE_OTHER, "/home")
        );
        let page = browser.get("/home").await;
        assert!(
            page.shows("Hello, stranger.") && page.shows(">You have logged out</p>")
        );
        assert!(
            page.happened().contains("<output>1</output>"),
            "a user's visits are gone"
        );
        assert_eq!(browser.get("/profile").await.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn the_old_id_is_dead_after_a_login_and_after_a_logout() {
    let mut browser = Browser::new(&tour(Kind::Stored));
    browser.get("/some-route").await;
    let mut before = browser.clone();
    browser.log_in("jane", "secret123").await;
    assert_ne!(before.cookies, browser.cookies);
    assert!(before.get("/my-route").await.happened().contains("no favorite number"));
    assert_eq!(before.get("/profile").await.status, StatusCode::UNAUTHORIZED);
    assert!(browser.get("/my-route").await.happened().contains("<output>42</output>"));

    let mut stolen = browser.clone();
    assert_eq!(stolen.get("/profile").await.status, StatusCode::OK);
    browser.post("/logout", "").await;
    assert_eq!(stolen.get("/profile").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_wrong_password_is_told_from_nothing() {
    for kind in Kind::ALL {
        let mut browser = Browser::new(&tour(kind));
        for (name, password) in [
            ("john", "wrong"),
            ("jane", "password123"),
            ("nobody", "password123"),
            ("", ""),
        ] {
            let page = browser.log_in(name, password).await;
            assert_eq!(page.status, StatusCode::OK);
            assert!(page.shows(">Invalid username or password</p>"));
            assert!(
                page.shows(&format!("name=\"username\" value=\"{name}\"")),
                "the name need not be typed again"
            );
            assert!(page.set_cookies().is_empty());
        }
        assert_eq!(browser.get("/profile").await.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn the_sixth_try_in_a_minute_waits_for_users_and_for_nobody_alike() {
    let app = tour(Kind::Stored);
    for name in ["john", "nobody"] {
        for _ in 0..5 {
            assert_eq!(
                Browser::new(&app).log_in(name, "wrong").await.status,
                StatusCode::OK
            );
        }
        let page = Browser::new(&app).log_in(name, "password123").await;
        assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
        let wait: u64 = page.header("retry-after").parse().unwrap();
        assert!((1..=60).contains(&wait), "{wait}");
        assert!(page.shows(&format!("Too many tries. Try again in {wait} seconds.")));
    }
    assert_eq!(
        Browser::new(&app).log_in("jane", "secret123").await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn a_login_leads_back_but_never_elsewhere() {
    let app = tour(Kind::Signed);
    let mut browser = Browser::new(&app);
    let page = browser.get("/login?next=/profile").await;
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
        let form = format!(
            "username=john&password=password123&next={}",
            next.replace('?', "%3F")
        );
        let page = browser.post("/login", &form).await;
        assert_eq!(
            (page.status, page.header("location")),
            (StatusCode::SEE_OTHER, leads),
            "{next}"
        );
    }
}

#[tokio::test]
async fn a_link_from_elsewhere_logs_nobody_out() {
    let mut browser = Browser::new(&tour(Kind::Stored));
    browser.log_in("john", "password123").await;
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("x-none", "x"),
    ] {
        let page = browser.send(Request::get("/logout").header(name, value), "").await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.shows(
            "<form action=\"/logout\" method=\"post\"><button>Log out</button></form>"
        ));
    }
    let ahead = Request::get("/logout")
        .header("sec-fetch-site", "none")
        .header("sec-purpose", "prefetch;prerender");
    assert_eq!(browser.send(ahead, "").await.status, StatusCode::OK);
    assert_eq!(browser.get("/profile").await.status, StatusCode::OK);

    let typed = Request::get("/logout").header("sec-fetch-site", "none");
    assert_eq!(browser.send(typed, "").await.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.get("/profile").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn who_has_not_logged_in_is_not_logged_out() {
    let mut browser = Browser::new(&tour(Kind::Stored));
    browser.get("/some-route").await;
    let link = Request::get("/logout").header("sec-fetch-site", "same-origin");
    let page = browser.send(link, "").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.happened().contains("nobody has logged in here"));
    assert!(browser.get("/my-route").await.happened().contains("<output>42</output>"));
}

#[tokio::test]
async fn a_form_from_another_site_is_refused() {
    let mut browser = Browser::new(&tour(Kind::Stored));
    browser.log_in("john", "password123").await;
    for path in ["/logout", "/login"] {
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
