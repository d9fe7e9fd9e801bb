use axum::Router;
use axum::http::{HeaderMap, Request};
use axum::response::Redirect;
use axum::routing::any;
use hardtack_jar::{Browser, BrowserPage};

fn browser() -> Browser {
    let show = async |headers: HeaderMap| {
        let field =
            |name: &str| headers.get(name).map_or("-", |value| value.to_str().unwrap_or("?")).to_owned();
        ["sec-fetch-site", "sec-fetch-mode", "origin", "referer", "cookie", "host"].map(field).join(" | ")
    };
    let app = Router::new()
        .route("/away", any(async || Redirect::temporary("https://shop.example/x")))
        .fallback(any(show));
    let browser = Browser::new(app).origin("https://shop.example").expect("a URL");
    for line in ["s=1; SameSite=Strict", "l=1; SameSite=Lax", "n=1; SameSite=None; Secure"] {
        browser.set_cookie(line).expect("taken");
    }
    browser
}

fn text(page: Result<BrowserPage, hardtack_jar::Error>) -> String {
    page.expect("an answer").text()
}

#[tokio::test]
async fn no_page_initiates_a_typed_url() {
    let browser = browser();
    assert_eq!(text(browser.get("/x").await), "none | navigate | - | - | s=1; l=1; n=1 | shop.example");
    assert_eq!(text(browser.reload().await), "none | navigate | - | - | s=1; l=1; n=1 | shop.example");
    assert_eq!(
        text(browser.tab_at("https://evil.example/a").expect("a URL").get("https://shop.example/x").await),
        "none | navigate | - | - | s=1; l=1; n=1 | shop.example"
    );
}

#[tokio::test]
async fn the_applications_own_pages_are_of_one_origin() {
    let browser = browser();
    browser.get("/a?b").await.expect("an answer");
    let own = "https://shop.example";
    assert_eq!(
        text(browser.follow_to("/x").await),
        format!("same-origin | navigate | - | {own}/a?b | s=1; l=1; n=1 | shop.example")
    );
    assert_eq!(
        text(browser.post("/y", &[]).await),
        format!("same-origin | navigate | {own} | {own}/x | s=1; l=1; n=1 | shop.example")
    );
    let fetched = browser.send(Request::put("/z").body("").expect("a request")).await;
    assert_eq!(text(fetched), format!("same-origin | cors | {own} | {own}/y | s=1; l=1; n=1 | shop.example"));
    // After a `fetch`, the tab is still on its page. Headers of the request replace those of the browser.
    let fetched =
        browser.send(Request::get("/z").header("referer", "mine").body("").expect("a request")).await;
    assert_eq!(text(fetched), "same-origin | cors | - | mine | s=1; l=1; n=1 | shop.example");
}

#[tokio::test]
async fn pages_of_other_sites_get_only_their_share() {
    let evil = browser().tab_at("https://evil.example/a/b").expect("a URL");
    let target = "https://shop.example/x";
    let origin = "https://evil.example";
    assert_eq!(
        text(evil.tab_at("https://evil.example/a/b").expect("a URL").follow_to(target).await),
        format!("cross-site | navigate | - | {origin}/ | l=1; n=1 | shop.example")
    );
    assert_eq!(
        text(evil.tab_at("https://evil.example/a/b").expect("a URL").post(target, &[]).await),
        format!("cross-site | navigate | {origin} | {origin}/ | n=1 | shop.example")
    );
    let fetched = evil.send(Request::get(target).body("").expect("a request")).await;
    assert_eq!(text(fetched), format!("cross-site | cors | - | {origin}/ | n=1 | shop.example"));
    // This page is on the same site as the target, but has a different origin.
    let neighbour = evil.tab_at("https://www.shop.example/").expect("a URL");
    assert!(
        text(neighbour.post(target, &[]).await)
            .starts_with("same-site | navigate | https://www.shop.example | ")
    );
}

#[tokio::test]
async fn a_redirect_through_another_site_is_remembered() {
    let browser = browser();
    browser.get("/x").await.expect("an answer");
    // The link leads from the shop to another site, which redirects to the shop. The cookies depend on the final URL,
    // but `Sec-Fetch-Site` depends on the most distant one.
    let page = browser.follow_to("https://evil.example/away").await;
    assert!(text(page).starts_with("cross-site | navigate | - | https://shop.example/ | s=1; l=1; n=1 | "));
}

#[tokio::test]
async fn f5_fetch_metadata_goes_to_trustworthy_servers_alone() {
    for (origin, said) in [
        ("https://shop.example", "none | navigate"),
        ("http://localhost:5000", "none | navigate"),
        ("http://127.0.0.1:5000", "none | navigate"),
        ("http://shop.example", "- | -"),
    ] {
        let browser = browser().origin(origin).expect("a URL");
        assert!(text(browser.get("/x").await).starts_with(&format!("{said} | - | ")), "{origin}");
    }
    // A form sends `Origin` even to an untrustworthy server.
    let shop = browser().origin("http://shop.example").expect("a URL");
    let evil = shop.tab_at("https://evil.example/").expect("a URL");
    let page = text(evil.post("http://shop.example/x", &[]).await);
    assert!(page.starts_with("- | - | https://evil.example | "), "{page}");
}
