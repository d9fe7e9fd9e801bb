use std::collections::BTreeSet;

use axum::http::StatusCode;
use hardtack_jar::{Browser, Error};
use tour::{Backend, Script, pages};

use crate::visitor::{Outcome, TourPage, log_in, visitor};

#[tokio::test]
async fn the_first_page_leads_to_all_others() -> Outcome {
    let first = visitor(Backend::Stored).get("/").await?;
    assert_eq!(first.status(), StatusCode::OK);
    for page in pages().skip(1) {
        assert!(
            first.shows(&format!("href=\"{}\"", page.path.replace('/', "&#x2f;"))),
            "{}",
            page.path
        );
    }
    Ok(())
}

#[tokio::test]
async fn every_page_opens_and_shows_its_code_and_its_headers() -> Outcome {
    for backend in Backend::ALL {
        let browser = visitor(backend);
        for entry in pages() {
            let path = entry.path;
            let page = browser.get(path).await?;
            let expected = match entry.requires_login {
                true => StatusCode::UNAUTHORIZED,
                false => StatusCode::OK,
            };
            assert_eq!(page.status(), expected, "{path}");
            assert!(page.shows(">fn</span> "), "{path}");
            assert_eq!(
                page.shows(">def</span> "),
                !entry.flask_functions.is_empty(),
                "{path}"
            );
            assert!(page.shown_headers().contains(&format!("GET {path}")), "{path}");
            assert!(
                page.shown_headers().contains(&page.status().to_string()),
                "{path}"
            );
            assert!(page.shows(&format!("Your session is <b>{backend}</b>")), "{path}");
            assert!(
                page.header("content-security-policy")
                    .is_some_and(|policy| policy.starts_with("default-src 'none'")),
                "{path}"
            );
            assert!(
                page.shows("<html lang=\"en\"")
                    && page.text().matches("<h1").count() == 1,
                "{path}"
            );
        }
    }
    println!(
        "summary: the tour in process: {} pages, on each backend",
        pages().count()
    );
    Ok(())
}

#[tokio::test]
async fn only_pages_that_declare_scripts_load_them() -> Outcome {
    let browser = visitor(Backend::Stored);
    for page in pages() {
        let has_script = browser.get(page.path).await?.shows("/tour.js");
        assert_eq!(has_script, page.script == Script::InPart, "{}", page.path);
    }
    Ok(())
}

#[tokio::test]
async fn pages_without_a_session_do_not_vary_by_cookie() -> Outcome {
    let browser = visitor(Backend::Stored);
    browser.get("/some-route").await?;
    for path in [
        "/",
        "/set-cookie",
        "/get-cookie",
        "/later-cookie",
        "/cookies",
        "/handle-form-cookie",
    ] {
        let page = browser.get(path).await?;
        assert_eq!(page.header("vary"), None, "{path}");
        assert!(
            !page
                .set_cookies()
                .iter()
                .any(|cookie| cookie.starts_with("__Host-session")),
            "{path}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn o13_personal_pages_are_not_stored() -> Outcome {
    let browser = visitor(Backend::Signed);
    let personal: Vec<_> =
        pages().filter(|page| page.is_personal).map(|page| page.path).collect();
    for path in &personal {
        assert_eq!(
            browser.get(path).await?.header("cache-control"),
            Some("no-store"),
            "{path}"
        );
    }
    for path in ["/home", "/profile", "/login", "/logout"] {
        assert!(personal.contains(&path), "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn an_unknown_path_is_404() -> Outcome {
    let browser = visitor(Backend::Stored);
    let page = browser.get("/nothing%3Cb%3E").await?;
    assert_eq!(page.status(), StatusCode::NOT_FOUND);
    assert!(page.shows("&#x2f;nothing&lt;b&gt;"));
    assert_eq!(
        browser.get("/tour.css").await?.header("content-type"),
        Some("text/css; charset=utf-8")
    );
    Ok(())
}

#[tokio::test]
async fn a25_forms_of_other_sites_are_rejected_on_every_page() -> Outcome {
    let browser = visitor(Backend::Stored);
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

/// Returns the paths to which the forms on all pages send POST requests. Logs the user in first, because some forms are
/// shown only to users.
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
