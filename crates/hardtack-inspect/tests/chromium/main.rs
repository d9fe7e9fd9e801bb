//! Tests of each reason for which a browser refuses a cookie: the inspector's page states the reason, and Chromium does
//! not store the cookie.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../../../hardtack-jar/tests/chromium/certificate.rs"]
mod certificate;
#[path = "../../../hardtack-jar/tests/chromium/refusals.rs"]
mod refusals;
mod tls;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{Html, IntoResponse};
use hardtack_chromium::{Chromium, Context, Launch, Page};
use hardtack_inspect::Inspector;
use hardtack_jar::Refusal;

use refusals::{By, InChromium, Shown, in_chromium};

/// The `Set-Cookie` lines of the server's responses. The query of a request is the index of the line to send.
type Lines = Arc<Mutex<Vec<HeaderValue>>>;

const TOKEN: &str = "the-token-of-the-tests";

/// A server with an inspector, behind a TLS proxy, and a Chromium that visits it. The server sends the lines in
/// `lines`.
struct Site {
    lines: Lines,
    /// The address of the inspector's page.
    page: String,
    chromium: Chromium,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs Chromium, which ./test installs"]
async fn each_refusal_is_shown_for_a_cookie_that_chromium_does_not_keep() {
    let site = Site::start().await;
    let mut refused = Vec::new();
    for &refusal in Refusal::ALL {
        match site.try_out(refusal).await {
            Ok(number) => refused.push((refusal, number)),
            Err(why) => println!("{refusal:?} is not shown by Chromium to a server: {why}"),
        }
    }
    let context = site.chromium.context().await.unwrap();
    let page = context.page().await.unwrap();
    page.open(&site.page).await.unwrap();
    for (refusal, number) in &refused {
        let said = why(&page, *number).await;
        let sentence = refusal.message().replace('`', "");
        assert!(said.contains("A browser does not keep this"), "{refusal:?}: {said}");
        assert!(said.contains(&sentence) && said.contains(refusal.reference()), "{refusal:?}: {said}");
    }
    println!(
        "summary: the inspector: {} of {} reasons to refuse a cookie are on its page for one that Chromium does not keep",
        refused.len(),
        Refusal::ALL.len(),
    );
    assert!(refused.len() >= 19, "{refused:?}");
}

/// Returns the reason that the page states for refusing the cookie in an exchange.
async fn why(page: &Page, number: usize) -> String {
    let script = format!(
        "[...document.querySelectorAll('.turn')]
            .find((turn) => turn.querySelector('.query')?.textContent === '?{number}')
            ?.querySelector('.slip.bad .why')?.innerText ?? 'nothing'"
    );
    page.evaluate(&script).await.unwrap()
}

impl Site {
    async fn start() -> Self {
        let lines = Lines::default();
        let app = Router::new()
            .fallback(say)
            .with_state(Arc::clone(&lines))
            // Values are shown, because the query contains the number that distinguishes the exchanges.
            .layer(Inspector::new().token(TOKEN).show_values());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = app.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        let rules = format!("MAP * 127.0.0.1:{}, EXCLUDE localhost", tls::before(address));
        let chromium = Launch::new()
            .resolving(&rules)
            .third_party_cookies()
            .flag("--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable")
            .start()
            .await
            .unwrap();
        Self { lines, page: format!("http://localhost:{}/inspect?token={TOKEN}", address.port()), chromium }
    }

    /// Sends Chromium a cookie that it must refuse for the given reason. Returns the number of the exchange, or an
    /// error that says why no server can send such a cookie.
    async fn try_out(&self, refusal: Refusal) -> Result<usize, &'static str> {
        let Shown { before, by, url, line, reason } = match in_chromium(refusal) {
            InChromium::Shown(shown) => shown,
            InChromium::Not(why) => return Err(why),
        };
        let number = self.expect(&line)?;
        let context = self.chromium.context().await.unwrap();
        let page = context.page().await.unwrap();
        page.insecure_certificates().await.unwrap();
        if let Some((url, line)) = before {
            let earlier = self.expect(line.as_bytes())?;
            page.open(&format!("{url}?{earlier}")).await.unwrap();
        }
        let had = values(&context).await;
        let address = format!("{url}?{number}");
        let mut exchanges = page.exchanges();
        match by {
            By::Answer => drop(page.open(&address).await.unwrap()),
            By::AnswerTo(other) => {
                page.open(other).await.unwrap();
                let ask = format!(
                    "fetch({address:?}, {{ mode: 'no-cors', credentials: 'include' }}).then(() => null)"
                );
                page.evaluate::<()>(&ask).await.unwrap();
            }
            By::Script => return Err("a page's own script sets it, and no server hears of that"),
        }
        let exchange = exchanges.next(&address).await.unwrap();
        let reasons: Vec<_> = exchange.refused.iter().flat_map(|refused| &refused.reasons).collect();
        assert_eq!(reasons, reason.iter().collect::<Vec<_>>(), "{refusal:?}");
        assert_eq!(values(&context).await, had, "{refusal:?}");
        Ok(number)
    }

    /// Stores a `Set-Cookie` line, and returns its number. A request with this number as its query receives the line.
    fn expect(&self, line: &[u8]) -> Result<usize, &'static str> {
        let line = HeaderValue::from_bytes(line).map_err(|_| "no header of the crate `http` can hold it")?;
        let mut lines = self.lines.lock().unwrap();
        lines.push(line);
        Ok(lines.len() - 1)
    }
}

async fn say(State(lines): State<Lines>, RawQuery(query): RawQuery) -> impl IntoResponse {
    let number = query.and_then(|query| query.parse::<usize>().ok());
    let line = number.and_then(|number| lines.lock().unwrap().get(number).cloned());
    let mut headers = HeaderMap::new();
    headers.extend(line.map(|line| (header::SET_COOKIE, line)));
    (headers, Html("<link rel=icon href=data:,>"))
}

/// Returns the cookies that a browser stores.
async fn values(context: &Context) -> Vec<(String, String)> {
    let cookies = context.cookies().await.unwrap();
    cookies.into_iter().map(|cookie| (cookie.name, cookie.value)).collect()
}
