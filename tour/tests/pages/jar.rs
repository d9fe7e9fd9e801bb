use axum::http::{Request, StatusCode};
use tour::Kind;

use crate::browser::{Browser, tour};

#[tokio::test]
async fn visits_are_counted_in_a_cookie() {
    let mut browser = Browser::new(&tour(Kind::Stored));
    for (number, customer) in [
        (1, "new"),
        (2, "returning"),
        (3, "returning"),
        (4, "returning"),
        (5, "regular"),
    ] {
        let page = browser.get("/visits").await;
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
}

#[tokio::test]
async fn a_counter_edited_by_hand_is_believed_or_begins_anew() {
    let mut browser = Browser::new(&tour(Kind::Stored));
    for (edited, number) in
        [("99", "100"), ("many", "1"), ("4294967295", "4294967295"), ("-1", "1")]
    {
        browser.cookies.insert("number_visits".to_owned(), edited.to_owned());
        let page = browser.get("/visits").await;
        assert!(
            page.happened()
                .contains(&format!("visit number <output>{number}</output>")),
            "{edited}"
        );
    }
}

#[tokio::test]
async fn preferences_are_there_when_one_returns() {
    let mut browser = Browser::new(&tour(Kind::Stored));
    assert!(
        browser
            .get("/preferences")
            .await
            .happened()
            .contains("not told us anything yet")
    );
    browser.post("/preferences", "name=Ada&theme=dark").await;
    let page = browser.get("/preferences").await;
    assert!(page.happened().contains("Welcome back, <output>Ada</output>"));
    assert!(page.shows("value=\"dark\" checked"));
    assert!(
        browser.get("/visits").await.shows("<html lang=\"en\" data-theme=\"dark\">"),
        "on every page"
    );
    browser.post("/preferences", "name=Ada&theme=system").await;
    assert!(browser.get("/visits").await.shows("<html lang=\"en\">"));
    browser.cookies.insert("theme".to_owned(), "x\"y".to_owned());
    assert!(browser.get("/visits").await.shows("<html lang=\"en\">"));
}

const PLAIN: &str = "prefix=&lasting=browser&path=/&domain=&same_site=Lax";

#[tokio::test]
async fn every_attribute_can_be_switched() {
    let mut browser = Browser::new(&tour(Kind::Stored));
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
        let page = browser.post("/options", &wish).await;
        assert_eq!(
            (page.status, page.set_cookies()),
            (StatusCode::OK, vec![header]),
            "{wish}"
        );
        assert!(
            page.wire().contains(&format!("Set-Cookie: {header}")),
            "{}",
            page.wire()
        );
    }
    let page = browser.get("/options").await;
    assert!(
        page.happened().contains("<output>__Host-taste, taste</output>"),
        "{}",
        page.happened()
    );
}

#[tokio::test]
async fn what_a_browser_would_refuse_is_not_sent_and_explained() {
    let mut browser = Browser::new(&tour(Kind::Stored));
    for (wish, because) in [
        (PLAIN.replace("Lax", "None"), "SameSite=None"),
        (format!("{PLAIN}&partitioned=on"), "Partitioned"),
        (PLAIN.replace("prefix=", "prefix=__Secure-"), "__Secure-"),
        (PLAIN.replace("path=/", "path=x"), "start with"),
        (PLAIN.replace("domain=", "domain=a%3Bb"), "domain"),
    ] {
        let page = browser.post("/options", &wish).await;
        assert_eq!(
            (page.status, page.set_cookies().len()),
            (StatusCode::BAD_REQUEST, 0),
            "{wish}"
        );
        assert!(
            page.happened().contains("A browser would refuse it")
                && page.happened().contains(because),
            "{wish}"
        );
    }
}

#[tokio::test]
async fn every_mistake_that_the_page_offers_is_one() {
    let mut browser = Browser::new(&tour(Kind::Stored));
    let page = browser.get("/options").await;
    let forms: Vec<_> =
        page.body.split("<form action=\"/options\" method=\"post\">").skip(1).collect();
    assert!(forms.len() >= 7);
    for form in forms {
        let fields: Vec<_> = form
            .split("</form>")
            .next()
            .unwrap()
            .split("<input type=\"hidden\" name=\"")
            .skip(1)
            .map(|field| {
                let (name, rest) = field.split_once("\" value=\"").unwrap();
                format!(
                    "{name}={}",
                    rest.split('"').next().unwrap().replace("&#x2f;", "/")
                )
            })
            .collect();
        let page = browser.post("/options", &fields.join("&")).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{fields:?}");
    }
}

#[tokio::test]
async fn a_foreign_domain_is_warned_of() {
    let mut browser = Browser::new(&tour(Kind::Stored));
    let page =
        browser.post("/options", &PLAIN.replace("domain=", "domain=example.com")).await;
    assert!(page.happened().contains("This server is not in that domain"));
}

#[tokio::test]
async fn a_cookie_of_4096_bytes_is_sent_and_one_more_is_refused() {
    let mut browser = Browser::new(&tour(Kind::Stored));
    let page = browser.post("/limits", "size=4096").await;
    assert_eq!(
        (page.status, page.header("location")),
        (StatusCode::SEE_OTHER, "/limits?sent=4096")
    );
    let pair = page.set_cookies()[0].split(';').next().unwrap().len();
    assert_eq!(pair, 4096 + "=".len());
    let page = browser.get("/limits?sent=4096").await;
    assert!(
        page.happened().contains("came back with one of <output>4096</output> bytes")
    );
    assert!(page.body.len() < 30_000, "what is shown of it is cut");

    let page = browser.post("/limits", "size=4097").await;
    assert_eq!((page.status, page.set_cookies().len()), (StatusCode::BAD_REQUEST, 0));
    assert!(page.happened().contains("4097 bytes"));
    let page = browser.post("/limits", "size=4097&unchecked=1").await;
    assert_eq!(
        page.set_cookies()[0].split(';').next().unwrap().len(),
        4097 + "=".len()
    );
    for size in ["0", "18446744073709551615"] {
        assert!(
            browser.post("/limits", &format!("size={size}")).await.status.as_u16()
                < 500,
            "{size}"
        );
    }
}

#[tokio::test]
async fn a_stored_session_takes_what_a_cookie_cannot() {
    for kind in Kind::ALL {
        let mut browser = Browser::new(&tour(kind));
        let page = browser.post("/limits/session", "").await;
        assert_eq!(page.status, StatusCode::OK);
        let took = page.happened().contains("Your session took them");
        assert_eq!(took, kind == Kind::Stored, "{kind}");
        assert!(
            took || page.happened().contains("4096 bytes"),
            "{kind}: {}",
            page.happened()
        );
    }
}

#[tokio::test]
async fn the_jar_tells_what_the_browser_sends_and_what_only_we_know() {
    let mut browser = Browser::new(&tour(Kind::Stored));
    assert!(browser.get("/jar").await.happened().contains("has sent no cookies"));
    let at = |path: &str| Request::get(path).header("host", "localhost:5000");
    for path in ["/set-cookie", "/some-route"] {
        browser.send(at(path), "").await;
    }
    browser.cookies.insert("strange".to_owned(), "x".to_owned());
    let page = browser.send(at("/jar"), "").await;
    assert!(page.happened().contains("<output>3</output> cookies"));
    assert!(
        page.happened().contains("nobody knows") && page.happened().contains("59 min")
    );
    assert!(!page.shows(&browser.cookies["__Host-session"]));
}

#[tokio::test]
async fn a_public_computer_can_be_left_without_a_trace() {
    for kind in Kind::ALL {
        let mut browser = Browser::new(&tour(kind));
        for path in ["/set-cookie", "/visits", "/some-route"] {
            browser.get(path).await;
        }
        browser.log_in("john", "password123").await;
        let mut stolen = browser.clone();
        let page = browser.post("/jar/clear", "").await;
        assert_eq!(page.header("clear-site-data"), "\"cookies\", \"storage\"");
        assert!(browser.cookies.is_empty(), "{kind}: {:?}", browser.cookies);
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
            assert_eq!(stolen.get("/profile").await.status, StatusCode::UNAUTHORIZED);
        }
    }
}
