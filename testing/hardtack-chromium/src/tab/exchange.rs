use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::broadcast::Receiver;

use crate::connection::{Event, within_timeout};
use crate::error::Error;
use crate::tab::page::Page;

/// A request and its response, with the browser's decision about each cookie.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exchange {
    /// The URL of the request.
    pub url: String,
    /// The status code of the response.
    pub status: u16,
    /// The `Set-Cookie` lines that the browser refused.
    pub refused: Vec<RefusedCookie>,
    /// The cookies of the requested host that the browser did not send.
    pub withheld: Vec<WithheldCookie>,
}

/// A `Set-Cookie` line that the browser refused.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RefusedCookie {
    /// The line.
    pub line: String,
    /// The reasons, as values of the protocol's `SetCookieBlockedReason`, such as `SecureOnly`.
    pub reasons: Vec<String>,
}

/// A cookie that the browser did not send.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WithheldCookie {
    /// The name of the cookie.
    pub name: String,
    /// The reasons, as values of the protocol's `CookieBlockedReason`, such as `NotOnPath`.
    pub reasons: Vec<String>,
}

/// A subscription to the requests of a tab and their responses.
pub struct Exchanges {
    events: Receiver<Arc<Event>>,
    /// The requests that the browser has not completely reported yet, by request id. The events about a request may
    /// arrive in any order.
    pending: HashMap<String, PendingExchange>,
}

#[derive(Default)]
struct PendingExchange {
    url: Option<String>,
    withheld: Option<Vec<WithheldCookie>>,
    answer: Option<(u16, Vec<RefusedCookie>)>,
}

impl Exchanges {
    /// Waits for the next response from a URL.
    ///
    /// # Errors
    ///
    /// Fails if no response arrives in time.
    pub async fn next(&mut self, url: &str) -> Result<Exchange, Error> {
        within_timeout(&format!("a response from {url}"), async {
            loop {
                let event = self.events.recv().await.map_err(|_| Error::gone())?;
                if let Some(exchange) = self.handle(&event)
                    && exchange.url == url
                {
                    return Ok(exchange);
                }
            }
        })
        .await?
    }

    /// Processes an event, and returns the exchange that it completes, if any.
    fn handle(&mut self, Event { method, params }: &Event) -> Option<Exchange> {
        let id = params["requestId"].as_str()?;
        let pending = self.pending.entry(id.to_owned()).or_default();
        match method.as_str() {
            "Network.requestWillBeSent" => pending.url = Some(text(&params["request"]["url"])),
            "Network.requestWillBeSentExtraInfo" => {
                pending.withheld = Some(withheld(&params["associatedCookies"]));
            }
            "Network.responseReceivedExtraInfo" => {
                let status = params["statusCode"].as_u64().and_then(|status| u16::try_from(status).ok());
                pending.answer = Some((status.unwrap_or_default(), refused(&params["blockedCookies"])));
            }
            _ => return None,
        }
        // A redirect has the same request id as the original request, but starts a new exchange.
        let PendingExchange { url: Some(_), withheld: Some(_), answer: Some(_) } = pending else {
            return None;
        };
        let PendingExchange { url, withheld, answer } = std::mem::take(pending);
        let (status, refused) = answer?;
        Some(Exchange { url: url?, status, refused, withheld: withheld? })
    }
}

impl fmt::Debug for Exchanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchanges").finish_non_exhaustive()
    }
}

impl Page {
    /// Subscribes to the tab's requests and responses, from now on. Cross-site frames are not included.
    #[must_use]
    pub fn exchanges(&self) -> Exchanges {
        Exchanges { events: self.events(), pending: HashMap::new() }
    }
}

fn refused(blocked: &Value) -> Vec<RefusedCookie> {
    let blocked = blocked.as_array().into_iter().flatten();
    blocked
        .map(|cookie| RefusedCookie {
            line: text(&cookie["cookieLine"]),
            reasons: texts(&cookie["blockedReasons"]),
        })
        .collect()
}

fn withheld(associated: &Value) -> Vec<WithheldCookie> {
    let associated = associated.as_array().into_iter().flatten();
    associated
        .map(|cookie| WithheldCookie {
            name: text(&cookie["cookie"]["name"]),
            reasons: texts(&cookie["blockedReasons"]),
        })
        .filter(|cookie| !cookie.reasons.is_empty())
        .collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(text).collect()
}
