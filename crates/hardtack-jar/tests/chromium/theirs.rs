//! Runs a case in Chromium.

use std::sync::Arc;
use std::time::SystemTime;

use hardtack_chromium::{BrowserCookie, Chromium, Context, Error, Launch, Page};
use serde_json::json;

use crate::case::{Case, Step, Way};
use crate::outcome::{Clock, Kept, Outcome};
use crate::server::{Answer, Server};

/// Chromium's result for a case.
pub(crate) struct Shown {
    pub(crate) outcome: Outcome,
    pub(crate) clock: Clock,
    /// The reasons why Chromium refused the last line. `None` if Chromium does not report them: it does so only for
    /// requests by the tab itself.
    pub(crate) reasons: Option<Vec<String>>,
}

/// The result of a step.
struct Walked {
    sent: Vec<u8>,
    answered: SystemTime,
    /// The reasons why Chromium refused the step's line, if Chromium reports them.
    reasons: Option<Vec<String>>,
}

/// A script that waits until a frame and all frames in it have loaded.
const ONCE_LOADED: &str = "frame.onload = () => done('');";

/// A script that waits until a frame sends a message.
const ONCE_SAID: &str = "addEventListener('message', message => done(message.data), { once: true });";

/// A private window with one tab.
pub(crate) struct Window {
    context: Context,
    page: Page,
    server: Arc<Server>,
    /// The URL of the page that the tab shows, or an empty string if the tab has to open the page again.
    at: String,
}

/// Starts Chromium with the settings that most people have, except that every host name resolves to the server, and
/// `http` is not upgraded to `https`.
pub(crate) async fn launch(server: &Server) -> Result<Chromium, Error> {
    Launch::new()
        .resolving(&format!("MAP * 127.0.0.1:{}", server.port()))
        .third_party_cookies()
        .flag("--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable")
        .start()
        .await
}

impl Window {
    pub(crate) async fn open(chromium: &Chromium, server: &Arc<Server>) -> Result<Self, Error> {
        let context = chromium.context().await?;
        let page = context.page().await?;
        page.insecure_certificates().await?;
        Ok(Self { context, page, server: Arc::clone(server), at: String::new() })
    }

    pub(crate) async fn play(&mut self, case: &Case) -> Result<Shown, Error> {
        self.context.clear_cookies().await?;
        let (mut sent, mut clock, mut reasons) = (Vec::new(), Vec::new(), None);
        for step in &case.steps {
            let walked = self.walk(step).await?;
            sent.push(walked.sent);
            clock.push((walked.answered, SystemTime::now()));
            if step.line.is_some() {
                reasons = walked.reasons;
            }
        }
        let kept = self.context.cookies().await?.into_iter().map(kept).collect();
        Ok(Shown { outcome: Outcome::new(sent, kept), clock, reasons })
    }

    async fn walk(&mut self, step: &Step) -> Result<Walked, Error> {
        match &step.way {
            Way::Typed | Way::Linked { .. } | Way::Sent { .. } | Way::Fetched { .. } => self.ask(step).await,
            Way::Framed { top } => {
                let number = self.expect(step);
                self.frame(top, &format!("{}?{number}", step.url), ONCE_LOADED).await?;
                Ok(self.heard(step, number, None))
            }
            Way::Nested { top, middle } => {
                let number = self.expect(step);
                let body = format!("<iframe src='{}?{number}'></iframe>", step.url);
                let outer = self.server.expect(Answer { body, ..Answer::default() });
                self.frame(top, &format!("{middle}?{outer}"), ONCE_LOADED).await?;
                Ok(self.heard(step, number, None))
            }
            Way::Script => {
                let number = self.server.expect(Answer::default());
                self.leave(&step.url, number).await?;
                let answered = SystemTime::now();
                let read: String = self.page.evaluate(&script(step)).await?;
                Ok(Walked { sent: read.into_bytes(), answered, reasons: None })
            }
            Way::FramedScript { top } => {
                let body = format!("<script>top.postMessage({}, '*')</script>", script(step));
                let number = self.server.expect(Answer { body, ..Answer::default() });
                let read = self.frame(top, &format!("{}?{number}", step.url), ONCE_SAID).await?;
                Ok(Walked { sent: read.into_bytes(), ..self.heard(step, number, None) })
            }
        }
    }

    /// Makes a request from the tab itself.
    async fn ask(&mut self, step: &Step) -> Result<Walked, Error> {
        let number = self.expect(step);
        let url = format!("{}?{number}", step.url);
        if let Way::Linked { from: page } | Way::Sent { from: page } | Way::Fetched { top: page } = &step.way
        {
            self.go_to(page).await?;
        }
        let mut exchanges = self.page.exchanges();
        match &step.way {
            Way::Linked { .. } => self.follow(&format!("<a id=go href='{url}'>go</a>")).await?,
            Way::Sent { .. } => {
                let form = format!("<form method=post action='{url}'><button id=go>go</button></form>");
                self.follow(&form).await?;
            }
            Way::Fetched { .. } => {
                let fetch = format!(
                    "fetch({}, {{ mode: 'no-cors', credentials: 'include', cache: 'no-store' }}).then(() => null)",
                    quote(&url)
                );
                self.page.evaluate::<()>(&fetch).await?;
            }
            _ => self.leave(&step.url, number).await?,
        }
        let refused = exchanges.next(&url).await?.refused;
        let reasons = refused.into_iter().flat_map(|cookie| cookie.reasons).collect();
        Ok(self.heard(step, number, Some(reasons)))
    }

    async fn follow(&mut self, tag: &str) -> Result<(), Error> {
        self.page.evaluate::<()>(&format!("(document.body.innerHTML = {}, null)", quote(tag))).await?;
        self.at.clear();
        self.page.follow("#go").await.map(drop)
    }

    /// Opens a frame in a page in the tab, waits for an event, and returns the frame's message.
    async fn frame(&mut self, top: &str, url: &str, wait: &str) -> Result<String, Error> {
        self.go_to(top).await?;
        let frame = format!(
            "new Promise(resolve => {{
                const frame = document.createElement('iframe');
                const done = said => {{ frame.remove(); resolve(said); }};
                {wait}
                frame.src = {};
                document.body.append(frame);
            }})",
            quote(url)
        );
        self.page.evaluate(&frame).await
    }

    /// Opens a page that makes the next request, unless the tab shows it already.
    async fn go_to(&mut self, url: &str) -> Result<(), Error> {
        if self.at != url {
            self.page.open(url).await?;
            url.clone_into(&mut self.at);
        }
        Ok(())
    }

    async fn leave(&mut self, url: &str, number: u64) -> Result<(), Error> {
        self.at.clear();
        self.page.open(&format!("{url}?{number}")).await.map(drop)
    }

    /// Prepares the server for a step. Returns the number for the URL's query.
    fn expect(&self, step: &Step) -> u64 {
        let Step { status, line, more, date, .. } = step.clone();
        let lines = line.into_iter().chain(more).collect();
        self.server.expect(Answer { status, lines, date, ..Answer::default() })
    }

    fn heard(&self, step: &Step, number: u64, reasons: Option<Vec<String>>) -> Walked {
        let heard = self.server.heard(number).unwrap_or_else(|| panic!("{} was never asked for", step.url));
        assert_eq!(heard.encrypted, step.url.starts_with("https:"), "{}", step.url);
        Walked { sent: heard.cookie, answered: heard.at, reasons }
    }
}

/// Returns a script that reads `document.cookie`, and then writes it.
fn script(step: &Step) -> String {
    let text = step.line.as_ref().map(|line| str::from_utf8(line).expect("a script's line is text"));
    let write = text.map_or(String::new(), |text| format!("document.cookie = {};", quote(text)));
    // Another process stores the cookie some time after the script writes it. Reading `document.cookie` again waits for
    // that.
    format!("(() => {{ const read = document.cookie; {write} void document.cookie; return read; }})()")
}

/// Returns a JavaScript string literal that can also be used inside HTML.
fn quote(text: &str) -> String {
    json!(text).to_string().replace('<', "\\u003c")
}

fn kept(cookie: BrowserCookie) -> Kept {
    let host = cookie.domain.strip_prefix('.');
    Kept {
        host_only: host.is_none(),
        domain: host.unwrap_or(&cookie.domain).to_owned(),
        path: cookie.path,
        name: cookie.name,
        value: cookie.value,
        size: cookie.size,
        partition: cookie.partition.map(|site| (site, cookie.cross_site_ancestor)),
        secure: cookie.secure,
        http_only: cookie.http_only,
        same_site: cookie.same_site.map(|same_site| format!("{same_site:?}")),
        expires: cookie.expires.map(|expires| (expires, expires)),
    }
}
