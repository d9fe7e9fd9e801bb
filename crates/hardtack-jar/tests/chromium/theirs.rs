//! Chromium's side of a case.

use std::sync::Arc;
use std::time::SystemTime;

use hardtack_chromium::{BrowserCookie, Chromium, Context, Error, Exchanges, Launch, Page};
use serde_json::json;

use crate::case::{Case, Step, Way};
use crate::outcome::{Clock, Kept, Outcome};
use crate::server::{Answer, Server};

/// What Chromium made of a case.
pub(crate) struct Shown {
    pub(crate) outcome: Outcome,
    pub(crate) clock: Clock,
    /// Why it did not take the last line, where it says so: it does of requests of the tab itself.
    pub(crate) reasons: Option<Vec<String>>,
}

/// A private window with one tab.
pub(crate) struct Window {
    context: Context,
    page: Page,
    server: Arc<Server>,
    /// Where the tab is, if it can still be used from there.
    at: String,
}

/// Chromium as most people have it, but every name leads to the server, and `http` is not made `https`.
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
            let (cookie, answered, refused) = self.walk(step).await?;
            sent.push(cookie);
            clock.push((answered, SystemTime::now()));
            if step.line.is_some() {
                reasons = refused;
            }
        }
        let kept = self.context.cookies().await?.into_iter().map(kept).collect();
        Ok(Shown { outcome: Outcome::new(sent, kept), clock, reasons })
    }

    /// What was sent, when it was answered, and why what was set was refused, where that is said.
    async fn walk(&mut self, step: &Step) -> Result<(Vec<u8>, SystemTime, Option<Vec<String>>), Error> {
        let mut answer = Answer { status: step.status, ..Answer::default() };
        if step.is_script() {
            let text = step.line.as_ref().map(|line| str::from_utf8(line).expect("a script's line is text"));
            let set = text.map_or(String::new(), |text| format!("document.cookie = {};", quote(text)));
            let script = format!("(() => {{ const read = document.cookie; {set} return read; }})()");
            return match &step.way {
                Way::FramedScript { top } => {
                    answer.body = format!("<script>top.postMessage({script}, '*')</script>");
                    let number = self.server.expect(answer);
                    self.go_to(top).await?;
                    let frame = format!(
                        "new Promise(resolve => {{
                            addEventListener('message', said => {{ frame.remove(); resolve(said.data); }}, {{ once: true }});
                            const frame = document.createElement('iframe');
                            frame.src = {};
                            document.body.append(frame);
                        }})",
                        quote(&format!("{}?{number}", step.url))
                    );
                    let read: String = self.page.evaluate(&frame).await?;
                    Ok((read.into_bytes(), self.heard(number, step).1, None))
                }
                _ => {
                    let number = self.server.expect(answer);
                    self.leave(&step.url, number).await?;
                    let now = SystemTime::now();
                    let read: String = self.page.evaluate(&script).await?;
                    Ok((read.into_bytes(), now, None))
                }
            };
        }
        answer.line.clone_from(&step.line);
        if let Way::Nested { middle, .. } = &step.way {
            let inner = self.server.expect(answer);
            answer =
                Answer { body: format!("<iframe src='{}?{inner}'></iframe>", step.url), ..Answer::default() };
            let outer = self.server.expect(answer);
            self.frame(step, &format!("{middle}?{outer}")).await?;
            let (cookie, at) = self.heard(inner, step);
            return Ok((cookie, at, None));
        }
        let number = self.server.expect(answer);
        let url = format!("{}?{number}", step.url);
        let refused = match &step.way {
            Way::Typed => {
                let exchanges = self.page.exchanges();
                self.leave(&step.url, number).await?;
                Some(refused(exchanges, &url).await?)
            }
            Way::Linked { from } | Way::Sent { from } => {
                self.go_to(from).await?;
                let tag = match step.way {
                    Way::Linked { .. } => format!("<a id=go href='{url}'>go</a>"),
                    _ => format!("<form method=post action='{url}'><button id=go>go</button></form>"),
                };
                let exchanges = self.page.exchanges();
                self.page
                    .evaluate::<()>(&format!("(document.body.innerHTML = {}, null)", quote(&tag)))
                    .await?;
                self.page.follow("#go").await?;
                self.at.clear();
                Some(refused(exchanges, &url).await?)
            }
            Way::Fetched { top } => {
                self.go_to(top).await?;
                let exchanges = self.page.exchanges();
                let fetch = format!(
                    "fetch({}, {{ mode: 'no-cors', credentials: 'include', cache: 'no-store' }}).then(() => null)",
                    quote(&url)
                );
                self.page.evaluate::<()>(&fetch).await?;
                Some(refused(exchanges, &url).await?)
            }
            _ => {
                self.frame(step, &url).await?;
                None
            }
        };
        let (cookie, at) = self.heard(number, step);
        Ok((cookie, at, refused))
    }

    /// A frame in the tab, until it has loaded.
    async fn frame(&mut self, step: &Step, url: &str) -> Result<(), Error> {
        if let Way::Framed { top } | Way::Nested { top, .. } = &step.way {
            self.go_to(top).await?;
        }
        let frame = format!(
            "new Promise(resolve => {{
                const frame = document.createElement('iframe');
                frame.onload = () => {{ frame.remove(); resolve(null); }};
                frame.src = {};
                document.body.append(frame);
            }})",
            quote(url)
        );
        self.page.evaluate::<()>(&frame).await
    }

    /// A page from which others are asked for.
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

    fn heard(&self, number: u64, step: &Step) -> (Vec<u8>, SystemTime) {
        let heard = self.server.heard(number).unwrap_or_else(|| panic!("{} was never asked for", step.url));
        assert_eq!(heard.encrypted, step.url.starts_with("https:"), "{}", step.url);
        (heard.cookie, heard.at)
    }
}

async fn refused(mut exchanges: Exchanges, url: &str) -> Result<Vec<String>, Error> {
    let exchange = exchanges.next(url).await?;
    Ok(exchange.refused.into_iter().flat_map(|cookie| cookie.reasons).collect())
}

/// A string of JavaScript, inside HTML or not.
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
