use axum::extract::Request;
use axum::http::header;
use hardtack_core::cookie::Cookies;
use percent_encoding::percent_decode_str;
use serde::Serialize;

use crate::asked::Asked;
use crate::exchange::Exchange;
use crate::record::Record;
use crate::token::cookie_name;

/// A request for one of the inspector's pages.
pub(crate) struct Look {
    pub(crate) asked: Asked,
    pub(crate) filters: Filters,
    pub(crate) theme: Option<&'static str>,
    /// The number of the last exchange that the page already has, if it wants only later ones.
    pub(crate) after: Option<u64>,
}

/// The filters in the address, which select the exchanges to show.
#[derive(Serialize, Default)]
pub(crate) struct Filters {
    browser: &'static str,
    path: Option<String>,
    changes: bool,
    refusals: bool,
}

impl Look {
    pub(crate) fn of(request: &Request) -> Self {
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
                    let spaced = value.replace('+', " ");
                    let path = percent_decode_str(&spaced).decode_utf8_lossy().into_owned();
                    filters.path = Some(path).filter(|path| !path.is_empty());
                }
                _ => {}
            }
        }
        let cookies = Cookies::parse(request.headers().get_all(header::COOKIE));
        let theme = ["light", "dark"].into_iter().find(|theme| cookies.get("theme") == Some(theme));
        // After a lost connection, the browser's last event id is newer than the number in the address.
        let told = request.headers().get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
        // The application's pages never receive the inspector's own cookie, so it does not help to identify the
        // browser.
        let asked = Asked::of(request).without_cookie(&cookie_name(request.headers()));
        Self { asked, filters, theme, after: told.or(after) }
    }

    /// Returns the number of the only browser to show, or `None` to show all. The inner value is `None` if that browser
    /// is unknown.
    pub(crate) fn number(&self, record: &Record) -> Option<Option<u64>> {
        (self.filters.browser == "this").then(|| record.visitors.find(&self.asked))
    }

    pub(crate) fn wants(&self, exchange: &Exchange, number: Option<Option<u64>>) -> bool {
        number.is_none_or(|number| number == Some(exchange.visitor.number))
            && self.filters.path.as_ref().is_none_or(|path| exchange.path.contains(path.as_str()))
            && (!self.filters.changes || exchange.has_changes)
            && (!self.filters.refusals || exchange.has_refusals)
    }

    pub(crate) fn browser_query(&self) -> &'static str {
        if self.filters.browser == "this" { "?browser=this" } else { "" }
    }
}
