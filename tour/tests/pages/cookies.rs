use axum::http::StatusCode;
use tour::Kind;

use crate::visitor::{Outcome, TourPage, log_in, session_cookie, visitor};

#[tokio::test]
async fn a_form_sets_a_cookie_that_another_page_shows() -> Outcome {
    for kind in Kind::ALL {
        let browser = visitor(kind);
        let page = browser.get("/later-cookie").await?;
        assert!(page.happened().contains("<output>&lt;unset&gt;</output>"));

        let page = browser.get("/handle-form-cookie").await?;
        assert!(page.happened().contains("Nothing yet."));
        assert!(page.set_cookies().is_empty());

        let page = browser.get("/handle-form-cookie?fav_color=dark+blue").await?;
        assert_eq!(page.set_cookies(), ["fav_color=dark%20blue; Path=/; SameSite=Lax"]);
        assert!(
            page.wire()
                .contains("Set-Cookie: fav_color=dark%20blue; Path=/; SameSite=Lax")
        );

        let page = browser.get("/later-cookie").await?;
        assert!(
            page.happened()
                .contains("Your favorite color is <output>dark blue</output>.")
        );
        assert_eq!(page.header("vary"), None, "no session was asked for");
    }
    Ok(())
}

#[tokio::test]
async fn what_a_visitor_says_is_escaped() -> Outcome {
    let browser = visitor(Kind::Stored);
    for path in [
        "/handle-form-cookie?fav_color=%3Cscript%3Ealert(1)%3C/script%3E",
        "/later-cookie",
        "/cookies",
    ] {
        let page = browser.get(path).await?;
        assert_eq!(page.status(), StatusCode::OK);
        assert!(
            page.shows("&lt;script&gt;alert(1)&lt;&#x2f;script&gt;")
                && !page.shows("<script>"),
            "{path}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_color_that_no_browser_keeps_is_refused() -> Outcome {
    let browser = visitor(Kind::Stored);
    let page = browser
        .get(&format!("/handle-form-cookie?fav_color={}", "x".repeat(5000)))
        .await?;
    assert_eq!(page.status(), StatusCode::BAD_REQUEST);
    assert!(page.set_cookies().is_empty());
    assert!(page.happened().contains("No cookie was set"));
    Ok(())
}

#[tokio::test]
async fn a_cookie_is_set_for_an_hour_read_and_deleted() -> Outcome {
    for kind in Kind::ALL {
        let browser = visitor(kind);
        assert!(
            browser
                .get("/get-cookie")
                .await?
                .happened()
                .contains("has sent no cookie <code>greeting</code>")
        );

        let page = browser.get("/set-cookie").await?;
        assert_eq!(
            page.set_cookies(),
            ["greeting=Hello%2C%20world; Max-Age=3600; Path=/; SameSite=Lax"]
        );
        let page = browser.get("/get-cookie").await?;
        assert!(page.happened().contains("says <output>Hello, world</output>"));

        let page = browser.get("/delete-cookie").await?;
        let [removal] = page.set_cookies()[..] else { panic!("one removal") };
        assert!(
            removal.starts_with("greeting=;") && removal.contains("; Max-Age=0"),
            "{removal}"
        );
        assert!(page.happened().contains("is deleted"));
        assert!(
            browser.get("/get-cookie").await?.happened().contains("has sent no cookie")
        );
    }
    Ok(())
}

#[tokio::test]
async fn all_cookies_are_shown_but_the_sessions() -> Outcome {
    for kind in Kind::ALL {
        let browser = visitor(kind);
        assert!(
            browser
                .get("/cookies")
                .await?
                .happened()
                .contains("The browser has sent no cookies.")
        );
        for path in ["/set-cookie", "/handle-form-cookie?fav_color=red", "/some-route"]
        {
            browser.get(path).await?;
        }
        let page = browser.get("/cookies").await?;
        assert!(page.happened().contains("<dt>greeting</dt><dd>Hello, world</dd>"));
        assert!(page.happened().contains("<dt>fav_color</dt><dd>red</dd>"));
        assert!(page.happened().contains("<dt>__Host-session</dt>"));
        assert!(!page.shows(&session_cookie(&browser)));
    }
    Ok(())
}

#[tokio::test]
async fn visits_are_counted_in_a_cookie() -> Outcome {
    let browser = visitor(Kind::Stored);
    for (number, customer) in [
        (1, "new"),
        (2, "returning"),
        (3, "returning"),
        (4, "returning"),
        (5, "regular"),
    ] {
        let page = browser.get("/visits").await?;
        assert!(
            page.happened()
                .contains(&format!("visit number <output>{number}</output>"))
        );
        assert!(
            page.happened().contains(&format!("<output>{customer}</output> customer"))
        );
        assert_eq!(
            page.set_cookies(),
            [
                format!(
                    "number_visits={number}; Max-Age=31536000; Path=/; SameSite=Lax"
                ),
                format!(
                    "customer_type={customer}; Max-Age=31536000; Path=/; SameSite=Lax"
                ),
            ]
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_counter_edited_by_hand_is_believed_or_begins_anew() -> Outcome {
    let browser = visitor(Kind::Stored);
    for (edited, number) in
        [("99", "100"), ("many", "1"), ("4294967295", "4294967295"), ("-1", "1")]
    {
        browser.set_cookie(&format!("number_visits={edited}"))?;
        let page = browser.get("/visits").await?;
        assert!(
            page.happened()
                .contains(&format!("visit number <output>{number}</output>")),
            "{edited}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn preferences_are_there_when_one_returns() -> Outcome {
    let browser = visitor(Kind::Stored);
    assert!(
        browser
            .get("/preferences")
            .await?
            .happened()
            .contains("not told us anything yet")
    );
    browser.post("/preferences", &[("name", "Ada"), ("theme", "dark")]).await?;
    let page = browser.get("/preferences").await?;
    assert!(page.happened().contains("Welcome back, <output>Ada</output>"));
    assert!(page.shows("value=\"dark\" checked"));
    assert!(
        browser.get("/visits").await?.shows("<html lang=\"en\" data-theme=\"dark\">"),
        "on every page"
    );
    browser.post("/preferences", &[("name", "Ada"), ("theme", "system")]).await?;
    assert!(browser.get("/visits").await?.shows("<html lang=\"en\">"));
    browser.set_cookie("theme=x\"y")?;
    assert!(browser.get("/visits").await?.shows("<html lang=\"en\">"));
    Ok(())
}

const PLAIN: &str = "prefix=&lasting=browser&path=/&domain=&same_site=Lax";

fn fields(wish: &str) -> Vec<(&str, &str)> {
    wish.split('&').map(|field| field.split_once('=').unwrap()).collect()
}

#[tokio::test]
async fn every_attribute_can_be_switched() -> Outcome {
    let browser = visitor(Kind::Stored);
    for (wish, header) in [
        (PLAIN.to_owned(), "taste=sweet; Path=/; SameSite=Lax"),
        (
            PLAIN.replace("browser", "ten"),
            "taste=sweet; Max-Age=600; Path=/; SameSite=Lax",
        ),
        (
            PLAIN.replace("browser", "gone"),
            "taste=sweet; Max-Age=0; Path=/; SameSite=Lax",
        ),
        (
            PLAIN.replace("path=/", "path=/options"),
            "taste=sweet; Path=/options; SameSite=Lax",
        ),
        (
            PLAIN.replace("domain=", "domain=localhost"),
            "taste=sweet; Domain=localhost; Path=/; SameSite=Lax",
        ),
        (PLAIN.replace("Lax", "Strict"), "taste=sweet; Path=/; SameSite=Strict"),
        (PLAIN.replace("Lax", "-"), "taste=sweet; Path=/"),
        (format!("{PLAIN}&secure=on"), "taste=sweet; Secure; Path=/; SameSite=Lax"),
        (
            format!("{PLAIN}&http_only=on"),
            "taste=sweet; HttpOnly; Path=/; SameSite=Lax",
        ),
        (
            format!("{PLAIN}&secure=on&partitioned=on").replace("Lax", "None"),
            "taste=sweet; Secure; Path=/; SameSite=None; Partitioned",
        ),
        (
            format!("{PLAIN}&secure=on").replace("prefix=", "prefix=__Host-"),
            "__Host-taste=sweet; Secure; Path=/; SameSite=Lax",
        ),
    ] {
        let page = browser.post("/options", &fields(&wish)).await?;
        assert_eq!(
            (page.status(), page.set_cookies()),
            (StatusCode::OK, vec![header]),
            "{wish}"
        );
        assert!(
            page.wire().contains(&format!("Set-Cookie: {header}")),
            "{}",
            page.wire()
        );
    }
    let page = browser.get("/options").await?;
    assert!(
        // One for all paths, one for this path, and one in this site's partition.
        page.happened().contains("<output>taste, taste, taste, __Host-taste</output>"),
        "{}",
        page.happened()
    );
    Ok(())
}

#[tokio::test]
async fn what_a_browser_would_refuse_is_not_sent_and_explained() -> Outcome {
    let browser = visitor(Kind::Stored);
    for (wish, because) in [
        (PLAIN.replace("Lax", "None"), "SameSite=None"),
        (format!("{PLAIN}&partitioned=on"), "Partitioned"),
        (PLAIN.replace("prefix=", "prefix=__Secure-"), "__Secure-"),
        (PLAIN.replace("path=/", "path=x"), "start with"),
        (PLAIN.replace("domain=", "domain=a;b"), "domain"),
    ] {
        let page = browser.post("/options", &fields(&wish)).await?;
        assert_eq!(
            (page.status(), page.set_cookies().len()),
            (StatusCode::BAD_REQUEST, 0),
            "{wish}"
        );
        assert!(
            page.happened().contains("A browser would refuse it")
                && page.happened().contains(because),
            "{wish}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn every_mistake_that_the_page_offers_is_one() -> Outcome {
    let browser = visitor(Kind::Stored);
    let page = browser.get("/options").await?;
    let mut forms = page.forms();
    forms.retain(|form| form.is_called("/options"));
    // The first form is the visitor's own.
    let mistakes = forms.split_off(1);
    assert!(mistakes.len() >= 7);
    for form in mistakes {
        let fields = form.pairs();
        let page = browser.submit(form).await?;
        assert_eq!(page.status(), StatusCode::BAD_REQUEST, "{fields:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_foreign_domain_is_warned_of() -> Outcome {
    let browser = visitor(Kind::Stored);
    let page = browser
        .post("/options", &fields(&PLAIN.replace("domain=", "domain=example.com")))
        .await?;
    assert!(page.happened().contains("This server is not in that domain"));
    Ok(())
}

#[tokio::test]
async fn a_cookie_of_4096_bytes_is_sent_and_one_more_is_refused() -> Outcome {
    let browser = visitor(Kind::Stored);
    let page = browser.post("/limits", &[("size", "4096")]).await?;
    assert_eq!(
        (page.status(), page.header("location")),
        (StatusCode::SEE_OTHER, Some("/limits?sent=4096"))
    );
    let pair = page.set_cookies()[0].split(';').next().unwrap().len();
    assert_eq!(pair, 4096 + "=".len());
    let page = browser.get("/limits?sent=4096").await?;
    assert!(
        page.happened().contains("came back with one of <output>4096</output> bytes")
    );
    assert!(page.text().len() < 30_000, "what is shown of it is cut");

    let page = browser.post("/limits", &[("size", "4097")]).await?;
    assert_eq!((page.status(), page.set_cookies().len()), (StatusCode::BAD_REQUEST, 0));
    assert!(page.happened().contains("4097 bytes"));
    let page = browser.post("/limits", &[("size", "4097"), ("unchecked", "1")]).await?;
    assert_eq!(
        page.set_cookies()[0].split(';').next().unwrap().len(),
        4097 + "=".len()
    );
    for size in ["0", "18446744073709551615"] {
        assert!(
            browser.post("/limits", &[("size", size)]).await?.status().as_u16() < 500,
            "{size}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_stored_session_takes_what_a_cookie_cannot() -> Outcome {
    for kind in Kind::ALL {
        let browser = visitor(kind);
        let page = browser.post("/limits/session", &[]).await?;
        assert_eq!(page.status(), StatusCode::OK);
        let took = page.happened().contains("Your session took them");
        assert_eq!(took, kind == Kind::Stored, "{kind}");
        assert!(
            took || page.happened().contains("4096 bytes"),
            "{kind}: {}",
            page.happened()
        );
    }
    Ok(())
}

#[tokio::test]
async fn the_jar_tells_what_the_browser_sends_and_what_only_we_know() -> Outcome {
    let browser = visitor(Kind::Stored);
    assert!(browser.get("/jar").await?.happened().contains("has sent no cookies"));
    for path in ["/set-cookie", "/some-route"] {
        browser.get(path).await?;
    }
    browser.set_cookie("strange=x")?;
    let page = browser.get("/jar").await?;
    assert!(page.happened().contains("<output>3</output> cookies"));
    assert!(
        page.happened().contains("nobody knows") && page.happened().contains("59 min")
    );
    assert!(!page.shows(&session_cookie(&browser)));
    Ok(())
}

#[tokio::test]
async fn a_public_computer_can_be_left_without_a_trace() -> Outcome {
    for kind in Kind::ALL {
        let browser = visitor(kind);
        for path in ["/set-cookie", "/visits", "/some-route"] {
            browser.get(path).await?;
        }
        log_in(&browser, "john", "password123").await?;
        let stolen = browser.thief();
        let page = browser.post("/jar/clear", &[]).await?;
        assert_eq!(page.header("clear-site-data"), Some("\"cookies\", \"storage\""));
        assert!(browser.with_jar(|jar| jar.is_empty()), "{kind}");
        let names: Vec<_> = page
            .set_cookies()
            .iter()
            .map(|cookie| cookie.split('=').next().unwrap().to_owned())
            .collect();
        let mut once = names.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), names.len(), "no name twice: {names:?}");
        if kind == Kind::Stored {
            assert_eq!(
                stolen.get("/profile").await?.status(),
                StatusCode::UNAUTHORIZED
            );
        }
    }
    Ok(())
}
