//! The harness reports what the browser does.
//!
//! `./test` installs Chromium.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::time::{Duration, SystemTime};

use axum::Router;
use axum::extract::Form;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect};
use axum::routing::get;
use hardtack_chromium::{Axe, Chromium, Context, Key, Launch, Page, SameSite, Scripts, Theme, Viewport};
use tokio::net::TcpListener;

mod chromium {
    use super::*;

    #[tokio::test]
    #[ignore = "needs Chromium, which ./test installs"]
    async fn the_list_of_cookies_has_every_attribute() {
        let site = Site::start().await;
        let before = SystemTime::now();
        assert_eq!(site.open("/cookies").await.status, 200);
        let after = SystemTime::now();
        let cookies = site.context.cookies().await.unwrap();
        let names: Vec<_> = cookies.iter().map(|cookie| cookie.name.as_str()).collect();
        assert_eq!(names, ["__Host-all", "bare", "hour"]);

        let all = &cookies[0];
        assert_eq!((all.value.as_str(), all.size), ("a", 11));
        assert_eq!((all.domain.as_str(), all.path.as_str()), ("localhost", "/"));
        assert!(all.http_only && all.secure && all.expires.is_none());
        assert_eq!((all.same_site, all.partition.as_deref()), (Some(SameSite::Strict), None));

        let bare = &cookies[1];
        assert_eq!((bare.value.as_str(), bare.path.as_str()), ("b", "/"));
        assert!(!bare.http_only && !bare.secure && bare.expires.is_none());
        assert_eq!(bare.same_site, None);

        let hour = &cookies[2];
        assert_eq!((hour.path.as_str(), hour.same_site), ("/sub", Some(SameSite::Lax)));
        let expires = hour.expires.unwrap();
        // The browser uses this machine's clock, with microsecond precision.
        let slack = Duration::from_millis(1);
        let hour_long = Duration::from_secs(3600);
        assert!(before + hour_long - slack <= expires && expires <= after + hour_long + slack);

        // Fewer cookies would be sent to this URL than are stored.
        let here = site.page.cookies().await.unwrap();
        assert_eq!(here, cookies[..2]);
    }

    #[tokio::test]
    #[ignore = "needs Chromium, which ./test installs"]
    async fn a_cookie_edited_by_hand_is_sent_as_edited() {
        let site = Site::start().await;
        site.open("/cookies").await;
        let mut cookies = site.context.cookies().await.unwrap();
        cookies[0].value = "edited".to_owned();
        site.context.set_cookie(&site.url, &cookies[0]).await.unwrap();
        site.open("/echo").await;
        assert!(site.page.text("#cookie").await.unwrap().contains("__Host-all=edited"));
        let kept = site.context.cookies().await.unwrap();
        assert_eq!((kept[0].http_only, kept[0].same_site), (true, Some(SameSite::Strict)));
        assert_eq!(kept[2], cookies[2]);

        site.context.clear_cookies().await.unwrap();
        assert!(site.context.cookies().await.unwrap().is_empty());
    }

    #[tokio::test]
    #[ignore = "needs Chromium, which ./test installs"]
    async fn contexts_share_nothing() {
        let site = Site::start().await;
        site.open("/cookies").await;
        let other = site.chromium.context().await.unwrap();
        let page = other.page().await.unwrap();
        page.open(&format!("{}/echo", site.url)).await.unwrap();
        assert_eq!(page.text("#cookie").await.unwrap(), "");
        assert!(other.cookies().await.unwrap().is_empty());
    }

    #[tokio::test]
    #[ignore = "needs Chromium, which ./test installs"]
    async fn any_name_can_lead_here() {
        let site = Site::start_in(Launch::new().resolving("MAP * 127.0.0.1")).await;
        let url = site.url.replace("localhost", "shop.example.test");
        site.page.open(&format!("{url}/cookies")).await.unwrap();
        let cookies = site.context.cookies().await.unwrap();
        let kept: Vec<_> = cookies.iter().map(|cookie| (&*cookie.domain, &*cookie.name)).collect();
        // Over plain HTTP, only localhost can set a cookie with Secure.
        assert_eq!(kept, [("shop.example.test", "bare"), ("shop.example.test", "hour")]);
    }

    #[tokio::test]
    #[ignore = "needs Chromium, which ./test installs"]
    async fn what_became_of_each_cookie_is_told() {
        let site = Site::start().await;
        let mut exchanges = site.page.exchanges();
        site.open("/cookies").await;
        site.open("/echo").await;
        let set = exchanges.next(&format!("{}/cookies", site.url)).await.unwrap();
        assert_eq!((set.status, set.withheld.len()), (200, 0));
        let [refused] = set.refused.as_slice() else { panic!("{:?}", set.refused) };
        assert_eq!(refused.line, "__Host-refused=r; Path=/sub; Secure");
        assert_eq!(refused.reasons, ["InvalidPrefix"]);
        let sent = exchanges.next(&format!("{}/echo", site.url)).await.unwrap();
        assert_eq!(sent.refused, []);
        let [withheld] = sent.withheld.as_slice() else { panic!("{:?}", sent.withheld) };
        assert_eq!(
            (withheld.name.as_str(), withheld.reasons.as_slice()),
            ("hour", &["NotOnPath".to_owned()][..])
        );
    }

    #[tokio::test]
    #[ignore = "needs Chromium, which ./test installs"]
    async fn other_sites_have_cookies_only_where_that_is_allowed() {
        let everywhere = || Launch::new().resolving("MAP * 127.0.0.1");
        for (launch, kept, reasons) in
            [(everywhere(), 0, &["UserPreferences"][..]), (everywhere().third_party_cookies(), 1, &[])]
        {
            let site = Site::start_in(launch).await;
            let top = site.url.replace("localhost", "shop.example.test");
            site.page.open(&format!("{top}/echo")).await.unwrap();
            let mut exchanges = site.page.exchanges();
            let url = format!("{}/third", site.url);
            let fetch =
                format!("fetch('{url}', {{ mode: 'no-cors', credentials: 'include' }}).then(() => null)");
            site.page.evaluate::<()>(&fetch).await.unwrap();
            let refused = exchanges.next(&url).await.unwrap().refused;
            assert_eq!(refused.iter().flat_map(|cookie| &cookie.reasons).collect::<Vec<_>>(), reasons);
            assert_eq!(site.context.cookies().await.unwrap().len(), kept);
        }
    }

    #[tokio::test]
    #[ignore = "needs Chromium, which ./test installs"]
    async fn a_form_is_filled_and_sent_by_mouse_and_by_keyboard() {
        let site = Site::start().await;
        site.open("/form").await;
        site.page.fill("#word", "hard & tack").await.unwrap();
        site.page.fill("#word", "na\u{ef}ve").await.unwrap();
        site.page.choose("#kind", "two").await.unwrap();
        let answer = site.page.follow("button").await.unwrap();
        assert_eq!((answer.status, answer.url), (200, format!("{}/echo?na%C3%AFve", site.url)));

        site.open("/form").await;
        site.page.press(Key::Tab).await.unwrap();
        assert!(site.page.evaluate::<bool>("document.activeElement.id === 'word'").await.unwrap());
        site.page.press(Key::Tab).await.unwrap();
        site.page.press(Key::BackTab).await.unwrap();
        assert!(site.page.evaluate::<bool>("document.activeElement.id === 'word'").await.unwrap());
        site.page.fill("#word", "x").await.unwrap();
        let answer = site.page.follow_key(Key::Enter).await.unwrap();
        assert_eq!((answer.status, answer.url), (200, format!("{}/echo", site.url)));
    }

    #[tokio::test]
    #[ignore = "needs Chromium, which ./test installs"]
    async fn scripts_run_unless_switched_off() {
        let site = Site::start().await;
        site.open("/scripted").await;
        site.page.until("document.querySelector('p').innerText === 'scripted'").await.unwrap();
        site.page.set_scripts(Scripts::Off).await.unwrap();
        site.open("/scripted").await;
        assert_eq!(site.page.text("p").await.unwrap(), "plain");
        assert_eq!(site.page.text("noscript").await.unwrap(), "no scripts");
        let answer = site.page.follow("a").await.unwrap();
        assert_eq!(answer.status, 404);
    }

    #[tokio::test]
    #[ignore = "needs Chromium, which ./test installs"]
    async fn theme_size_and_headers_are_as_told() {
        let site = Site::start().await;
        for theme in Theme::ALL {
            site.page.set_theme(theme).await.unwrap();
            let query = format!("matchMedia('(prefers-color-scheme: {})').matches", theme.name());
            assert!(site.page.evaluate::<bool>(&query).await.unwrap());
        }
        for viewport in [Viewport::PHONE, Viewport::DESKTOP] {
            site.page.set_viewport(viewport).await.unwrap();
            site.open("/form").await;
            assert_eq!(site.page.evaluate::<u32>("innerWidth").await.unwrap(), viewport.width);
            assert!(!site.page.screenshot().await.unwrap().is_blank().unwrap());
        }
        site.page.set_headers(&[("X-Told", "so")]).await.unwrap();
        site.open("/echo").await;
        assert_eq!(site.page.text("#told").await.unwrap(), "so");
    }

    #[tokio::test]
    #[ignore = "needs Chromium and axe-core, which ./test installs"]
    async fn axe_finds_what_keeps_people_out_and_only_that() {
        let site = Site::start().await;
        let axe = Axe::from_env().unwrap();
        for (page, expected) in [("/good", &[][..]), ("/bad", &["color-contrast", "html-has-lang", "label"])]
        {
            site.open(page).await;
            let violations = axe.check(&site.page).await.unwrap();
            let found: Vec<_> = violations.iter().map(|violation| violation.id.as_str()).collect();
            assert_eq!(found, expected, "{violations:?}");
        }
    }

    #[tokio::test]
    #[ignore = "needs Chromium, which ./test installs"]
    async fn what_cannot_be_done_is_said() {
        let site = Site::start().await;
        site.open("/form").await;
        let missing = site.page.click("#missing").await.unwrap_err().to_string();
        assert!(missing.contains("there is no #missing"), "{missing}");
        let covered = site.page.click("#covered").await.unwrap_err().to_string();
        assert!(covered.contains("it is covered by"), "{covered}");
        let thrown = site.page.evaluate::<u8>("nothing.at.all").await.unwrap_err().to_string();
        assert!(thrown.contains("ReferenceError"), "{thrown}");
        let closed = site.page.open("http://localhost:1/").await.unwrap_err().to_string();
        assert!(closed.contains("http://localhost:1/"), "{closed}");
        site.open("/blank").await;
        assert!(site.page.screenshot().await.unwrap().is_blank().unwrap());
    }
}

/// A small server, and a browser that visits it.
struct Site {
    page: Page,
    context: Context,
    chromium: Chromium,
    url: String,
}

impl Site {
    async fn start() -> Self {
        Self::start_in(Launch::new()).await
    }

    async fn start_in(launch: Launch) -> Self {
        let app = Router::new()
            .route("/cookies", get(cookies))
            .route("/echo", get(echo))
            .route("/third", get(async || [(header::SET_COOKIE, "third=t; Secure; SameSite=None")]))
            .route("/form", get(form).post(sent))
            .route("/blank", get(async || Html("<title>Blank</title>")))
            .route("/scripted", get(scripted))
            .route("/good", get(async || Html(GOOD)))
            .route("/bad", get(async || Html(BAD)));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        tokio::spawn(axum::serve(listener, app).into_future());
        let chromium = launch.start().await.unwrap();
        assert!(chromium.version().contains("Chrome/"), "{chromium:?}");
        let context = chromium.context().await.unwrap();
        Self { page: context.page().await.unwrap(), context, chromium, url }
    }

    async fn open(&self, path: &str) -> hardtack_chromium::Response {
        self.page.open(&format!("{}{path}", self.url)).await.unwrap()
    }
}

const GOOD: &str = "<!doctype html><html lang=en><title>Good</title><main><h1>Good</h1>
    <label>Word <input></label></main>";
const BAD: &str = "<!doctype html><html><title>Bad</title><main><h1>Bad</h1>
    <p style='color: #aaa; background: #fff'>pale</p><input></main>";

async fn cookies() -> impl IntoResponse {
    let mut headers = HeaderMap::new();
    for cookie in [
        "__Host-all=a; Path=/; Secure; HttpOnly; SameSite=Strict",
        "bare=b; Path=/",
        "hour=h; Path=/sub; Max-Age=3600; SameSite=Lax",
        "__Host-refused=r; Path=/sub; Secure",
    ] {
        headers.append(header::SET_COOKIE, cookie.parse().unwrap());
    }
    headers
}

async fn echo(headers: HeaderMap) -> Html<String> {
    let text = |name| headers.get(name).map_or("", |value| value.to_str().unwrap());
    Html(format!("<p id=cookie>{}</p><p id=told>{}</p>", text("cookie"), text("x-told")))
}

async fn form() -> Html<&'static str> {
    Html(
        "<meta name=viewport content='width=device-width'>
         <form method=post><input id=word name=word>
         <select id=kind name=kind><option>one<option>two</select><button>Send</button></form>
         <div style='position: relative'><a id=covered href=/echo>under</a>
         <div style='position: absolute; inset: 0; background: linear-gradient(red, blue)'></div></div>",
    )
}

async fn sent(Form(fields): Form<Vec<(String, String)>>) -> Result<Redirect, StatusCode> {
    match fields.as_slice() {
        [(_, word), (_, kind)] if kind == "two" && word == "na\u{ef}ve" => {
            Ok(Redirect::to("/echo?na%C3%AFve"))
        }
        [(_, word), _] if word == "x" => Ok(Redirect::to("/echo")),
        _ => Err(StatusCode::BAD_REQUEST),
    }
}

async fn scripted() -> Html<&'static str> {
    Html(
        "<p>plain</p><noscript>no scripts</noscript><a href=/nowhere>away</a>
         <script>document.querySelector('p').innerText = 'scripted'</script>",
    )
}
