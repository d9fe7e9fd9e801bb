use axum::http::StatusCode;
use tour::Backend;

use crate::visitor::{Outcome, TourPage, log_in, session_cookie, visitor};

#[tokio::test]
async fn a_form_sets_a_cookie_that_another_page_shows() -> Outcome {
    for backend in Backend::ALL {
        let browser = visitor(backend);
        let page = browser.get("/later-cookie").await?;
        assert!(page.result().contains("<output>&lt;unset&gt;</output>"));

        let page = browser.get("/handle-form-cookie").await?;
        assert!(page.result().contains("Nothing yet."));
        assert!(page.set_cookies().is_empty());

        let page = browser.get("/handle-form-cookie?fav_color=dark+blue").await?;
        assert_eq!(page.set_cookies(), ["fav_color=dark%20blue; Path=/; SameSite=Lax"]);
        assert!(
            page.shown_headers()
                .contains("Set-Cookie: fav_color=dark%20blue; Path=/; SameSite=Lax")
        );

        let page = browser.get("/later-cookie").await?;
        assert!(
            page.result()
                .contains("Your favorite color is <output>dark blue</output>.")
        );
        assert_eq!(page.header("vary"), None, "the page does not read the session");
    }
    Ok(())
}

#[tokio::test]
async fn user_input_is_escaped() -> Outcome {
    let browser = visitor(Backend::Stored);
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
async fn a_color_too_long_for_a_cookie_is_refused() -> Outcome {
    let browser = visitor(Backend::Stored);
    let page = browser
        .get(&format!("/handle-form-cookie?fav_color={}", "x".repeat(5000)))
        .await?;
    assert_eq!(page.status(), StatusCode::BAD_REQUEST);
    assert!(page.set_cookies().is_empty());
    assert!(page.result().contains("No cookie was set"));
    Ok(())
}

#[tokio::test]
async fn a_cookie_is_set_for_an_hour_read_and_deleted() -> Outcome {
    for backend in Backend::ALL {
        let browser = visitor(backend);
        assert!(
            browser
                .get("/get-cookie")
                .await?
                .result()
                .contains("sent no cookie <code>greeting</code>")
        );

        let page = browser.get("/set-cookie").await?;
        assert_eq!(
            page.set_cookies(),
            ["greeting=Hello%2C%20world; Max-Age=3600; Path=/; SameSite=Lax"]
        );
        let page = browser.get("/get-cookie").await?;
        assert!(page.result().contains("contains <output>Hello, world</output>"));

        let page = browser.get("/delete-cookie").await?;
        let [removal] = page.set_cookies()[..] else { panic!("one removal") };
        assert!(
            removal.starts_with("greeting=;") && removal.contains("; Max-Age=0"),
            "{removal}"
        );
        assert!(page.result().contains("is deleted"));
        assert!(browser.get("/get-cookie").await?.result().contains("sent no cookie"));
    }
    Ok(())
}

#[tokio::test]
async fn all_cookies_except_the_session_cookie_are_shown() -> Outcome {
    for backend in Backend::ALL {
        let browser = visitor(backend);
        assert!(
            browser
                .get("/cookies")
                .await?
                .result()
                .contains("The browser sent no cookies.")
        );
        for path in ["/set-cookie", "/handle-form-cookie?fav_color=red", "/some-route"]
        {
            browser.get(path).await?;
        }
        let page = browser.get("/cookies").await?;
        assert!(page.result().contains("<dt>greeting</dt><dd>Hello, world</dd>"));
        assert!(page.result().contains("<dt>fav_color</dt><dd>red</dd>"));
        assert!(page.result().contains("<dt>__Host-session</dt>"));
        assert!(!page.shows(&session_cookie(&browser)));
    }
    Ok(())
}

#[tokio::test]
async fn visits_are_counted_in_a_cookie() -> Outcome {
    let browser = visitor(Backend::Stored);
    for (number, customer) in [
        (1, "new"),
        (2, "returning"),
        (3, "returning"),
        (4, "returning"),
        (5, "regular"),
    ] {
        let page = browser.get("/visits").await?;
        assert!(
            page.result().contains(&format!("visit number <output>{number}</output>"))
        );
        assert!(
            page.result().contains(&format!("<output>{customer}</output> customer"))
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
async fn a_counter_edited_by_hand_is_accepted_or_starts_over() -> Outcome {
    let browser = visitor(Backend::Stored);
    for (edited, number) in
        [("99", "100"), ("many", "1"), ("4294967295", "4294967295"), ("-1", "1")]
    {
        browser.set_cookie(&format!("number_visits={edited}"))?;
        let page = browser.get("/visits").await?;
        assert!(
            page.result().contains(&format!("visit number <output>{number}</output>")),
            "{edited}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn preferences_are_remembered() -> Outcome {
    let browser = visitor(Backend::Stored);
    assert!(
        browser
            .get("/preferences")
            .await?
            .result()
            .contains("not saved any preferences yet")
    );
    browser.post("/preferences", &[("name", "Ada"), ("theme", "dark")]).await?;
    let page = browser.get("/preferences").await?;
    assert!(page.result().contains("Welcome back, <output>Ada</output>"));
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

fn fields(form: &str) -> Vec<(&str, &str)> {
    form.split('&').map(|field| field.split_once('=').unwrap()).collect()
}

#[tokio::test]
async fn every_attribute_can_be_switched() -> Outcome {
    let browser = visitor(Backend::Stored);
    for (form, header) in [
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
        let page = browser.post("/options", &fields(&form)).await?;
        assert_eq!(
            (page.status(), page.set_cookies()),
            (StatusCode::OK, vec![header]),
            "{form}"
        );
        assert!(
            page.shown_headers().contains(&format!("Set-Cookie: {header}")),
            "{}",
            page.shown_headers()
        );
    }
    let page = browser.get("/options").await?;
    assert!(
        // The browser has three cookies named `taste`: one for all paths, one for this path, and one in this site's
        // partition.
        page.result().contains("<output>taste, taste, taste, __Host-taste</output>"),
        "{}",
        page.result()
    );
    Ok(())
}

#[tokio::test]
async fn a_cookie_that_browsers_refuse_is_explained_and_not_sent() -> Outcome {
    let browser = visitor(Backend::Stored);
    for (form, reason) in [
        (PLAIN.replace("Lax", "None"), "SameSite=None"),
        (format!("{PLAIN}&partitioned=on"), "Partitioned"),
        (PLAIN.replace("prefix=", "prefix=__Secure-"), "__Secure-"),
        (PLAIN.replace("path=/", "path=x"), "start with"),
        (PLAIN.replace("domain=", "domain=a;b"), "domain"),
    ] {
        let page = browser.post("/options", &fields(&form)).await?;
        assert_eq!(
            (page.status(), page.set_cookies().len()),
            (StatusCode::BAD_REQUEST, 0),
            "{form}"
        );
        assert!(
            page.result().contains("A browser would refuse it")
                && page.result().contains(reason),
            "{form}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn every_refused_example_is_refused() -> Outcome {
    let browser = visitor(Backend::Stored);
    let page = browser.get("/options").await?;
    let mut forms = page.forms();
    forms.retain(|form| form.is_called("/options"));
    // The first form is the one that the visitor fills in. The other forms are the refused examples.
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
async fn a_foreign_domain_causes_a_warning() -> Outcome {
    let browser = visitor(Backend::Stored);
    let page = browser
        .post("/options", &fields(&PLAIN.replace("domain=", "domain=example.com")))
        .await?;
    assert!(page.result().contains("This server is not in that domain"));
    Ok(())
}

#[tokio::test]
async fn a_cookie_of_4096_bytes_is_sent_and_one_more_is_refused() -> Outcome {
    let browser = visitor(Backend::Stored);
    let page = browser.post("/limits", &[("size", "4096")]).await?;
    assert_eq!(
        (page.status(), page.header("location")),
        (StatusCode::SEE_OTHER, Some("/limits?sent=4096"))
    );
    let pair = page.set_cookies()[0].split(';').next().unwrap().len();
    assert_eq!(pair, 4096 + "=".len());
    let page = browser.get("/limits?sent=4096").await?;
    assert!(page.result().contains("returned one of <output>4096</output> bytes"));
    assert!(
        page.text().len() < 30_000,
        "the page shows only the beginning of the value"
    );

    let page = browser.post("/limits", &[("size", "4097")]).await?;
    assert_eq!((page.status(), page.set_cookies().len()), (StatusCode::BAD_REQUEST, 0));
    assert!(page.result().contains("4097 bytes"));
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
async fn a_stored_session_can_be_larger_than_a_cookie() -> Outcome {
    for backend in Backend::ALL {
        let browser = visitor(backend);
        let page = browser.post("/limits/session", &[]).await?;
        assert_eq!(page.status(), StatusCode::OK);
        let is_stored = page.result().contains("Your session stored them");
        assert_eq!(is_stored, backend == Backend::Stored, "{backend}");
        assert!(
            is_stored || page.result().contains("4096 bytes"),
            "{backend}: {}",
            page.result()
        );
    }
    Ok(())
}

#[tokio::test]
async fn the_jar_shows_what_the_browser_sends_and_what_only_the_server_knows() -> Outcome
{
    let browser = visitor(Backend::Stored);
    assert!(browser.get("/jar").await?.result().contains("sent no cookies"));
    for path in ["/set-cookie", "/some-route"] {
        browser.get(path).await?;
    }
    browser.set_cookie("strange=x")?;
    let page = browser.get("/jar").await?;
    assert!(page.result().contains("<output>3</output> cookies"));
    assert!(
        page.result().contains("unknown, because this program did not set the cookie")
            && page.result().contains("59 min")
    );
    assert!(!page.shows(&session_cookie(&browser)));
    Ok(())
}

#[tokio::test]
async fn a_public_computer_can_be_left_without_a_trace() -> Outcome {
    for backend in Backend::ALL {
        let browser = visitor(backend);
        for path in ["/set-cookie", "/visits", "/some-route"] {
            browser.get(path).await?;
        }
        log_in(&browser, "john", "password123").await?;
        let stolen = browser.thief();
        let page = browser.post("/jar/clear", &[]).await?;
        assert_eq!(page.header("clear-site-data"), Some("\"cookies\", \"storage\""));
        assert!(browser.with_jar(|jar| jar.is_empty()), "{backend}");
        let names: Vec<_> = page
            .set_cookies()
            .iter()
            .map(|cookie| cookie.split('=').next().unwrap().to_owned())
            .collect();
        let mut once = names.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), names.len(), "no name twice: {names:?}");
        if backend == Backend::Stored {
            assert_eq!(
                stolen.get("/profile").await?.status(),
                StatusCode::UNAUTHORIZED
            );
        }
    }
    Ok(())
}
