use tour::Backend;

use crate::fixture::{ExpectedCookie, Visitor};

pub(crate) async fn handle_form_cookie(visitor: &Visitor) {
    visitor.open("/handle-form-cookie").await;
    visitor.assert_cookies(&[]).await;
    for (typed, encoded) in [
        ("blue", "blue"),
        ("sea; green, \"na\u{ef}ve\"", "sea%3B%20green%2C%20%22na%C3%AFve%22"),
    ] {
        visitor.page.fill("#fav_color", typed).await.unwrap();
        visitor.page.follow(".action button").await.unwrap();
        assert_eq!(visitor.text(".result output").await, typed);
        assert!(visitor.shown_headers().await.contains(encoded));
        visitor.assert_cookies(&[ExpectedCookie::new("fav_color", encoded)]).await;
    }
}

pub(crate) async fn later_cookie(visitor: &Visitor) {
    visitor.open("/later-cookie").await;
    assert_eq!(visitor.text(".result output").await, "<unset>");
    visitor.assert_cookies(&[]).await;
    visitor.follow(".action a.button", "/handle-form-cookie").await;
    visitor.page.fill("#fav_color", "blue").await.unwrap();
    visitor.follow(".action button", "/handle-form-cookie?fav_color=blue").await;
    visitor.follow(".result a[href='/later-cookie']", "/later-cookie").await;
    assert_eq!(visitor.text(".result output").await, "blue");
    visitor.assert_cookies(&[ExpectedCookie::new("fav_color", "blue")]).await;
}

pub(crate) async fn set_cookie(visitor: &Visitor) {
    visitor.open("/set-cookie").await;
    assert!(
        visitor.result().await.contains("The cookie greeting is set for one hour.")
    );
    assert!(visitor.shown_headers().await.contains("Max-Age=3600"));
    visitor.assert_cookies(&[greeting()]).await;
}

pub(crate) async fn get_cookie(visitor: &Visitor) {
    visitor.open("/get-cookie").await;
    assert!(visitor.result().await.contains("The browser sent no cookie greeting."));
    visitor.assert_cookies(&[]).await;
    visitor.follow(".action a[href='/set-cookie']", "/set-cookie").await;
    visitor.follow(".action a[href='/get-cookie']", "/get-cookie").await;
    assert_eq!(visitor.text(".result output").await, "Hello, world");
    visitor.assert_cookies(&[greeting()]).await;
}

pub(crate) async fn delete_cookie(visitor: &Visitor) {
    visitor.open("/set-cookie").await;
    visitor.assert_cookies(&[greeting()]).await;
    visitor.open("/delete-cookie").await;
    assert!(visitor.result().await.contains("The cookie greeting is deleted."));
    visitor.assert_cookies(&[]).await;
}

pub(crate) async fn all_cookies(visitor: &Visitor) {
    visitor.open("/cookies").await;
    assert!(visitor.result().await.contains("The browser sent no cookies."));
    visitor.open("/set-cookie").await;
    visitor.open("/handle-form-cookie?fav_color=deep+red").await;
    visitor.open("/some-route").await;
    visitor.open("/cookies").await;
    let names = visitor.page.texts(".result dt").await.unwrap();
    let values = visitor.page.texts(".result dd").await.unwrap();
    let mut shown: Vec<_> = names
        .iter()
        .map(String::as_str)
        .zip(values.iter().map(String::as_str))
        .collect();
    shown.sort_unstable();
    let session = ("__Host-session", "the session cookie, which no page shows");
    assert_eq!(
        shown,
        [session, ("fav_color", "deep red"), ("greeting", "Hello, world")]
    );
    visitor
        .assert_cookies(&[
            visitor.session(),
            ExpectedCookie::new("fav_color", "deep%20red"),
            greeting(),
        ])
        .await;
}

fn greeting() -> ExpectedCookie {
    ExpectedCookie::new("greeting", "Hello%2C%20world").max_age(3600)
}

const A_YEAR: u64 = 365 * 24 * 3600;

pub(crate) async fn visits(visitor: &Visitor) {
    for (number, customer) in [
        ("1", "new"),
        ("2", "returning"),
        ("3", "returning"),
        ("4", "returning"),
        ("5", "regular"),
    ] {
        visitor.open("/visits").await;
        assert_eq!(
            visitor.page.texts(".result output").await.unwrap(),
            [number, customer]
        );
        visitor.assert_cookies(&counted(number, customer)).await;
    }
    // A value that is not a number is ignored, so the count starts again.
    let mut edited = visitor.cookies().await.remove(1);
    edited.value = "-1e9x".to_owned();
    visitor.context.set_cookie(visitor.url(), &edited).await.unwrap();
    visitor.open("/visits").await;
    visitor.assert_cookies(&counted("1", "new")).await;
    // An edited number is accepted, because the visitor controls a plain cookie.
    edited.value = "99".to_owned();
    visitor.context.set_cookie(visitor.url(), &edited).await.unwrap();
    visitor.follow(".action a.button", "/visits").await;
    assert_eq!(visitor.page.texts(".result output").await.unwrap(), ["100", "regular"]);
    visitor.assert_cookies(&counted("100", "regular")).await;
}

fn counted(number: &str, customer: &str) -> [ExpectedCookie; 2] {
    let expected = |name, value: &str| ExpectedCookie::new(name, value).max_age(A_YEAR);
    [expected("number_visits", number), expected("customer_type", customer)]
}

pub(crate) async fn preferences(visitor: &Visitor) {
    let paper = "getComputedStyle(document.body).backgroundColor";
    visitor.open("/preferences").await;
    assert!(visitor.result().await.contains("You have not saved any preferences yet."));
    visitor.assert_cookies(&[]).await;
    let name = ExpectedCookie::new("name", "Ann%20Lee").max_age(A_YEAR);
    let mut papers = Vec::new();
    for theme in ["light", "dark"] {
        visitor.page.fill("#name", "Ann Lee").await.unwrap();
        visitor.page.click(&format!("[name=theme][value={theme}]")).await.unwrap();
        visitor.follow(".action button", "/preferences").await;
        assert_eq!(
            visitor.page.texts(".result output").await.unwrap(),
            ["Ann Lee", theme]
        );
        visitor
            .assert_cookies(&[
                name.clone(),
                ExpectedCookie::new("theme", theme).max_age(A_YEAR),
            ])
            .await;
        papers.push(visitor.page.evaluate::<String>(paper).await.unwrap());
        visitor.open("/").await;
        assert_eq!(
            visitor.page.evaluate::<String>(paper).await.unwrap(),
            papers[papers.len() - 1]
        );
        visitor.open("/preferences").await;
    }
    assert_ne!(papers[0], papers[1]);
    visitor.page.click("[name=theme][value=system]").await.unwrap();
    visitor.follow(".action button", "/preferences").await;
    assert_eq!(
        visitor.page.texts(".result output").await.unwrap(),
        ["Ann Lee", "system"]
    );
    visitor.assert_cookies(&[name]).await;
}

pub(crate) async fn options(visitor: &Visitor) {
    const SET: &str = "form.wide button";
    let script_sees = async || visitor.text("[data-script-cookies]").await;
    visitor.open("/options").await;
    visitor.assert_cookies(&[]).await;
    visitor.follow(SET, "/options").await;
    assert!(visitor.text(".result .message").await.contains("The cookie was sent"));
    let default_cookie = ExpectedCookie::new("taste", "sweet").max_age(600);
    visitor.assert_cookies(std::slice::from_ref(&default_cookie)).await;
    visitor.follow(".result a[href='/options']", "/options").await;
    assert_eq!(visitor.text(".result output").await, "taste");
    if visitor.runs_scripts() {
        assert_eq!(script_sees().await, "taste");
    }

    // A cookie that browsers would refuse is not sent, and the page says why.
    let mistakes =
        visitor.page.texts("[aria-labelledby=refused] button").await.unwrap().len();
    assert!(mistakes >= 7, "{mistakes}");
    for mistake in 1..=mistakes {
        let button =
            format!("[aria-labelledby=refused] form:nth-of-type({mistake}) button");
        visitor.follow_with_status(&button, 400).await;
        assert!(
            visitor.text("[role=alert]").await.contains("A browser would refuse it"),
            "{mistake}"
        );
        visitor.assert_cookies(std::slice::from_ref(&default_cookie)).await;
    }

    visitor.open("/options").await;
    visitor.page.choose("#lasting", "gone").await.unwrap();
    visitor.follow(SET, "/options").await;
    visitor.assert_cookies(&[]).await;

    // A cookie for a foreign domain is sent, and the browser refuses it.
    visitor.open("/options").await;
    visitor.page.fill("#domain", "example.com").await.unwrap();
    visitor.follow(SET, "/options").await;
    assert!(
        visitor
            .text(".result .error")
            .await
            .contains("This server is not in that domain")
    );
    visitor.assert_cookies(&[]).await;

    visitor.open("/options").await;
    visitor.page.choose("#prefix", "__Host-").await.unwrap();
    visitor.page.choose("#lasting", "browser").await.unwrap();
    visitor.page.choose("#same_site", "Strict").await.unwrap();
    for switch in ["secure", "http_only", "partitioned"] {
        visitor.page.click(&format!("[name={switch}]")).await.unwrap();
    }
    visitor.follow(SET, "/options").await;
    let all =
        ExpectedCookie::new("__Host-taste", "sweet").secure().http_only().strict();
    visitor.assert_cookies(&[all.partitioned("http://localhost")]).await;
    visitor.follow(".result a[href='/options']", "/options").await;
    assert_eq!(visitor.text(".result output").await, "__Host-taste");
    if visitor.runs_scripts() {
        assert_eq!(script_sees().await, "none");
    }

    visitor.context.clear_cookies().await.unwrap();
    visitor.page.fill("#path", "/options").await.unwrap();
    visitor.page.choose("#same_site", "-").await.unwrap();
    visitor.follow(SET, "/options").await;
    visitor.assert_cookies(&[default_cookie.at("/options").no_same_site()]).await;
    visitor.open("/cookies").await;
    assert!(visitor.result().await.contains("The browser sent no cookies."));
    visitor.open("/options").await;
}

pub(crate) async fn limits(visitor: &Visitor) {
    visitor.open("/limits").await;
    assert!(visitor.result().await.contains("Nothing yet."));
    // If the cookie is sent unchecked, the browser drops it.
    visitor.follow(".action button.quiet[value='4097']", "/limits?sent=4097").await;
    assert_eq!(visitor.page.texts(".result output").await.unwrap(), ["4097", "none"]);
    visitor.assert_cookies(&[]).await;
    visitor.follow_with_status(".action button:not(.quiet)[value='4097']", 400).await;
    assert!(
        visitor
            .text("[role=alert]")
            .await
            .contains("has a name and value of 4097 bytes")
    );
    visitor.assert_cookies(&[]).await;

    let answer = visitor
        .page
        .follow(".action form[action='/limits/session'] button")
        .await
        .unwrap();
    assert_eq!(answer.status, 200);
    let message = visitor.text(".result .message").await;
    let expected = if visitor.backend == Backend::Stored {
        "Your session stored them"
    } else {
        "could not store them"
    };
    assert!(message.contains(expected), "{message}");
    visitor.assert_cookies(&visitor.with_emptied_session(&[])).await;

    visitor.follow(".action button[value='4096']", "/limits?sent=4096").await;
    assert_eq!(visitor.page.texts(".result output").await.unwrap(), ["4096", "4096"]);
    let big = ExpectedCookie::new("big4096", "x".repeat(4096 - "big4096".len()))
        .at("/limits")
        .max_age(60);
    visitor.assert_cookies(&visitor.with_emptied_session(&[big])).await;
}

pub(crate) async fn jar(visitor: &Visitor) {
    visitor.open("/jar").await;
    assert!(visitor.result().await.contains("The browser sent no cookies."));
    collect(visitor).await;
    let stored = visitor.cookies().await;
    let mut names: Vec<_> = stored.iter().map(|cookie| cookie.name.clone()).collect();
    let mut shown = visitor.page.texts(".result tbody th").await.unwrap();
    names.sort_unstable();
    shown.sort_unstable();
    assert_eq!(shown, names);
    let total: usize = stored.iter().map(|cookie| cookie.size).sum();
    let outputs = visitor.page.texts(".result output").await.unwrap();
    assert_eq!(outputs, [names.len().to_string(), total.to_string()]);
    visitor.assert_session_cookie().await;

    if visitor.runs_scripts() {
        visitor
            .page
            .evaluate::<()>("(localStorage.setItem('left', 'behind'), null)")
            .await
            .unwrap();
    }
    visitor.follow("form[action='/jar/clear'] button", "/jar").await;
    assert!(visitor.result().await.contains("The browser sent no cookies."));
    visitor.assert_cookies(&[]).await;
    assert!(
        visitor
            .page
            .evaluate::<bool>("localStorage.getItem('left') === null")
            .await
            .unwrap()
    );
    collect(visitor).await;
}

async fn collect(visitor: &Visitor) {
    for path in [
        "/some-route",
        "/visits",
        "/set-cookie",
        "/handle-form-cookie?fav_color=blue",
        "/jar",
    ] {
        visitor.open(path).await;
    }
}
