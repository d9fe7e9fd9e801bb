use axum::http::StatusCode;
use tour::Kind;

use crate::visitor::{Outcome, TourPage, session_cookie, visitor};

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
