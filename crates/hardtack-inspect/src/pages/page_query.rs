use axum::extract::Request;
use axum::http::header;
use hardtack_core::cookie::Cookies;
use percent_encoding::percent_decode_str;
use serde::Serialize;

use crate::access::cookie_name;
use crate::exchanges::{Exchange, RequestHead};
use crate::pages::visitor_selection::VisitorSelection;
use crate::state::Visitors;

/// A request for one of the inspector's pages.
pub(crate) struct PageQuery {
    pub(crate) head: RequestHead,
    pub(crate) filters: Filters,
    pub(crate) theme: Option<&'static str>,
    /// The number of the last exchange that the page already shows, if only later exchanges are requested.
    pub(crate) after: Option<u64>,
}

/// The filters in the URL, which select the exchanges to show.
#[derive(Serialize, Default)]
pub(crate) struct Filters {
    browser: &'static str,
    path: Option<String>,
    changes: bool,
    refusals: bool,
}

impl PageQuery {
    pub(crate) fn new(request: &Request) -> Self {
        let mut filters = Filters { browser: "all", ..Filters::default() };
        let mut after = None;
        for pair in request.uri().query().unwrap_or_default().split('&').take(20) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            match (name, value) {
                ("browser", "this") => filters.browser = "this",
                ("after", number) => after = number.parse().ok(),
                ("only", "changes") => filters.changes = true,
                ("only", "refusals") => filters.refusals = true,
                ("path", value) => {
                    let with_spaces = value.replace('+', " ");
                    let path = percent_decode_str(&with_spaces).decode_utf8_lossy().into_owned();
                    filters.path = Some(path).filter(|path| !path.is_empty());
                }
                _ => {}
            }
        }
        let cookies = Cookies::parse(request.headers().get_all(header::COOKIE));
        let theme = ["light", "dark"].into_iter().find(|theme| cookies.get("theme") == Some(theme));
        // When the browser reconnects, its `Last-Event-ID` is newer than the number in the URL.
        let last_event_id =
            request.headers().get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
        // The application's pages never receive the inspector's own cookie, so that cookie cannot identify the browser.
        let head = RequestHead::new(request).without_cookie(&cookie_name(request.headers()));
        Self { head, filters, theme, after: last_event_id.or(after) }
    }

    pub(crate) fn selection(&self, visitors: &Visitors) -> VisitorSelection {
        if self.filters.browser != "this" {
            return VisitorSelection::All;
        }
        visitors.find(&self.head).map_or(VisitorSelection::Unknown, VisitorSelection::One)
    }

    pub(crate) fn matches(&self, exchange: &Exchange, selection: VisitorSelection) -> bool {
        selection.includes(exchange.visitor.number)
            && self.filters.path.as_ref().is_none_or(|path| exchange.path.contains(path.as_str()))
            && (!self.filters.changes || exchange.has_changes)
            && (!self.filters.refusals || exchange.has_refusals)
    }

    pub(crate) fn browser_query(&self) -> &'static str {
        if self.filters.browser == "this" { "?browser=this" } else { "" }
    }
}
