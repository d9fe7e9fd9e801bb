use tour::Backend;

use crate::fixture::{ExpectedCookie, Visitor};

pub(crate) async fn log_in(visitor: &Visitor) {
    visitor.open("/some-route").await;
    let guest = visitor.cookies().await;
    visitor.open("/login").await;
    visitor.log_in("john", "wrong").await;
    assert_eq!(
        visitor.text(".action [role=alert]").await,
        "Invalid username or password"
    );
    assert_eq!(
        visitor.page.evaluate::<String>("username.value").await.unwrap(),
        "john"
    );
    assert_eq!(visitor.cookies().await, guest);

    visitor.log_in("john", "password123").await;
    assert_eq!(visitor.path().await, "/home");
    assert_eq!(visitor.page.texts("[role=status]").await.unwrap(), ["Welcome, john"]);
    visitor.assert_cookies(&[visitor.session()]).await;
    assert_ne!(visitor.cookies().await, guest, "a login has a new id");

    // A login redirects a visitor who came from another page back to that page.
    visitor.open("/login?next=/my-route").await;
    visitor.log_in("jane", "secret123").await;
    assert_eq!(visitor.path().await, "/my-route");
    visitor.open("/login").await;
    visitor.log_in("jane", "wrong").await;
}

pub(crate) async fn home(visitor: &Visitor) {
    visitor.open("/home").await;
    assert!(visitor.text(".action").await.contains("Hello, stranger."));
    assert_eq!(visitor.text(".result output").await, "1");
    visitor.assert_cookies(&[visitor.session()]).await;
    visitor.follow(".action a[href='/login']", "/login").await;
    visitor.log_in("jane", "secret123").await;
    assert!(visitor.text(".action").await.contains("Hello, jane."));
    assert_eq!(visitor.text(".result output").await, "2");
    visitor.page.reload().await.unwrap();
    assert_eq!(visitor.text(".result output").await, "3");
    visitor.assert_cookies(&[visitor.session()]).await;
}

pub(crate) async fn profile(visitor: &Visitor) {
    visitor.open_with_status("/profile", 401).await;
    assert!(visitor.result().await.contains("401 Unauthorized"));
    visitor.assert_cookies(&[]).await;
    visitor.follow(".action a.button", "/login?next=/profile").await;
    visitor.log_in("john", "password123").await;
    assert_eq!(visitor.path().await, "/profile");
    assert_eq!(visitor.text(".result output").await, "john");
    visitor.assert_cookies(&[visitor.session()]).await;
}

pub(crate) async fn log_out(visitor: &Visitor) {
    visitor.open("/login").await;
    visitor.log_in("john", "password123").await;
    let user = visitor.cookies().await;
    visitor.follow(".action form[action='/logout'] button", "/home").await;
    assert_eq!(
        visitor.page.texts("[role=status]").await.unwrap(),
        ["You have logged out"]
    );
    visitor.assert_cookies(&[visitor.session()]).await;
    visitor.open_with_status("/profile", 401).await;

    // The visitor restores the old cookie by hand. If sessions are stored on the server, this cookie is no longer
    // valid.
    visitor.context.set_cookie(visitor.url(), &user[0]).await.unwrap();
    visitor
        .open_with_status(
            "/profile",
            if visitor.backend == Backend::Stored { 401 } else { 200 },
        )
        .await;
}

pub(crate) async fn devices(visitor: &Visitor) {
    visitor.open_with_status("/devices", 401).await;
    visitor.assert_cookies(&[]).await;
    visitor.open("/login?next=/devices").await;
    visitor.log_in("john", "password123").await;
    assert_eq!(visitor.path().await, "/devices");
    let mut expected = vec![visitor.session()];
    if visitor.backend != Backend::Stored {
        assert!(visitor.result().await.contains("the server keeps no list of cookies"));
        visitor.follow(".action button[value=stored]", "/devices").await;
        expected = vec![
            ExpectedCookie::session(Backend::Stored),
            ExpectedCookie::backend_choice(Backend::Stored),
        ];
    }
    visitor.assert_cookies(&expected).await;
    visitor.page.fill("#label", "the kitchen tablet").await.unwrap();
    visitor.follow("form[action='/devices/name'] button", "/devices").await;
    assert_eq!(
        visitor.page.texts(".result li b").await.unwrap(),
        ["the kitchen tablet"]
    );

    // The same user logs in with another browser, and ends that login from here: first with its own button, and then
    // together with all other logins.
    for end in [
        ".result li:not(:has(output)) button",
        "form[action='/devices/end-others'] button",
    ] {
        let other = visitor.another().await;
        other.open("/login").await;
        other.follow(".backends button[value=stored]", "/login").await;
        other.log_in("john", "password123").await;
        other.open("/profile").await;
        visitor.open("/devices").await;
        assert_eq!(visitor.page.texts(".result li").await.unwrap().len(), 2);
        assert_eq!(
            visitor.page.texts(".result li output").await.unwrap(),
            ["this device"]
        );
        visitor.follow(end, "/devices").await;
        assert_eq!(
            visitor.page.texts(".result li b").await.unwrap(),
            ["the kitchen tablet"]
        );
        other.open_with_status("/profile", 401).await;
    }
    assert_eq!(visitor.text("[role=status]").await, "Logged out elsewhere: 1");
    visitor.assert_cookies(&expected).await;
    let other = visitor.another().await;
    other.open("/login").await;
    other.log_in("john", "password123").await;
    visitor.open("/devices").await;
}

pub(crate) async fn tips(visitor: &Visitor) {
    visitor.open("/tips").await;
    visitor.assert_cookies(&tip_cookies()).await;
    assert_eq!(tips_received(visitor).await, [false, false, false]);
    visitor.follow(".action a[href='/tips']", "/tips").await;
    assert_eq!(tips_received(visitor).await[..2], [true, true]);
    if visitor.runs_scripts() {
        assert_eq!(visitor.text("[data-script-cookies]").await, "none");
    }

    // A request from another site does not include the strict cookie.
    let answer =
        visitor.page.follow(".action a[href$='/tips/elsewhere']").await.unwrap();
    assert_eq!(
        (answer.status, visitor.path().await.as_str()),
        (200, "/tips/elsewhere")
    );
    visitor.follow("main a.button", "/tips").await;
    assert!(visitor.result().await.contains("Sec-Fetch-Site: cross-site"));
    assert_eq!(tips_received(visitor).await[..2], [true, false]);

    // The page shows the beginning of the id before and after a login.
    visitor.open("/some-route").await;
    let before = visitor.session_prefix().await;
    visitor.open("/login?next=/tips").await;
    visitor.log_in("jane", "secret123").await;
    let after = visitor.session_prefix().await;
    let prefixes = visitor.page.texts(".tips li:last-child output").await.unwrap();
    assert_eq!(prefixes, [before.clone(), after.clone()]);
    if visitor.backend == Backend::Stored {
        assert_ne!(before, after);
    }
    let with_session = [tip_cookies().as_slice(), &[visitor.session()]].concat();
    visitor.assert_cookies(&with_session).await;
    visitor.follow(".action form button", "/tips").await;
    if visitor.backend == Backend::Stored {
        assert_ne!(visitor.session_prefix().await, after);
    }
    visitor.assert_cookies(&with_session).await;
}

/// Returns the cookies that the page sets to demonstrate their attributes.
fn tip_cookies() -> [ExpectedCookie; 3] {
    let cookie =
        |name, seconds| ExpectedCookie::new(name, "here").http_only().max_age(seconds);
    [
        cookie("tip_lax", 600).secure(),
        cookie("tip_strict", 600).secure().strict(),
        cookie("tip_short", 10).secure(),
    ]
}

/// Returns whether the request contained the lax, the strict, and the short-lived cookie.
async fn tips_received(visitor: &Visitor) -> Vec<bool> {
    let texts = visitor.page.texts(".tips p").await.unwrap();
    let texts = texts.iter().filter(|text| {
        text.starts_with("Set-Cookie: ") || text.contains(" with this request.")
    });
    texts.map(|text| !text.contains("It was not sent")).collect()
}
