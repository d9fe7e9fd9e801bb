use std::collections::{BTreeMap, VecDeque};
use std::time::SystemTime;

use axum::http::HeaderMap;
use serde::Serialize;

use crate::anatomy::{CookieLayer, CookiePart};
use crate::inspector::Inspector;
use crate::inspector_state::InspectorState;
use crate::node::Node;
use crate::read_trace::count;
use crate::redaction::RedactedValue;
use crate::remaining_lifetime::{RemainingLifetime, duration_text, millis};
use crate::request_head::{RequestHead, redacted_path};
use crate::session_history::{HistoryEntry, SessionHistory};
use crate::session_report::SessionReport;
use crate::visitor_label::VisitorLabel;
use crate::visitors::Visitor;

/// The cookie jar of a browser as developer tools show it, reconstructed from the responses that it received.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct JarView {
    /// The browser to which the jar belongs.
    pub visitor: VisitorLabel,
    /// Cookies that were set, oldest first; then those that were received but never set.
    pub cookies: Vec<JarCookie>,
    /// The total size of names and values in bytes.
    pub size: usize,
}

/// A cookie in a jar.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct JarCookie {
    /// The name.
    pub name: String,
    /// The value.
    pub value: RedactedValue,
    /// Whether the cookie was set while the inspector was running. Otherwise only its name and size are known.
    pub was_set: bool,
    /// Whether the last request that should have sent the cookie did not: the browser may have lost it.
    pub is_missing: bool,
    /// The host of the cookie, with a leading dot if subdomains are included.
    pub domain: String,
    /// The path of the cookie, or `/…` if values are redacted and the path comes from the address that set it.
    pub path: String,
    /// When the cookie expires, in words, or `None` if it lasts until the browser closes.
    pub expires: Option<String>,
    /// When the cookie expires, in milliseconds since 1970.
    pub until: Option<u64>,
    /// The size of name and value in bytes.
    pub size: usize,
    /// Whether the cookie is hidden from scripts.
    pub http_only: bool,
    /// Whether the cookie is sent only over encrypted connections.
    pub secure: bool,
    /// One of `Strict`, `Lax`, or `None`.
    pub same_site: Option<&'static str>,
    /// The top-level site of the cookie's partition, if it is partitioned.
    pub partition: Option<String>,
}

/// A session of a browser, across all its exchanges.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct SessionView {
    visitor: VisitorLabel,
    cookie: String,
    kind: &'static str,
    storage: &'static str,
    settings: Vec<String>,
    user: Option<RedactedValue>,
    lifetimes: Vec<RemainingLifetime>,
    size: usize,
    tree: Vec<Node>,
    left_out: usize,
    history: Vec<HistoryEntry>,
    token: Vec<CookiePart>,
    layers: Vec<CookieLayer>,
    store_timings: Vec<StoreTiming>,
    merges: u64,
    conflicts: u64,
    overwritten: u64,
    related: Vec<RelatedSession>,
}

/// How long the calls to one method of the store took, in microseconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct StoreTiming {
    name: String,
    calls: usize,
    median: u64,
    longest: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct RelatedSession {
    cookie: String,
    kind: &'static str,
    relation: String,
}

impl Inspector {
    /// Returns the cookie jar of the browser that sent the given headers, reconstructed from the application's
    /// responses. Returns `None` for an unknown browser.
    pub fn jar_of(&self, headers: &HeaderMap) -> Option<JarView> {
        let state = self.lock_state();
        let visitor = state.visitors.get(state.visitors.find(&RequestHead::from_headers(headers))?)?;
        Some(jar(&state, visitor, SystemTime::now()))
    }
}

/// Returns the jars of all browsers, or of one.
pub(crate) fn jars(state: &InspectorState, selected: Option<Option<u64>>) -> Vec<JarView> {
    let now = SystemTime::now();
    let jars = selected_visitors(state, selected).map(|visitor| jar(state, visitor, now));
    jars.filter(|jar| !jar.cookies.is_empty()).collect()
}

/// Returns the sessions of all browsers, or of one, most recently used first.
pub(crate) fn sessions(state: &InspectorState, selected: Option<Option<u64>>) -> Vec<SessionView> {
    const MAX_ROWS: usize = 20;
    let now = millis(SystemTime::now());
    let mut sessions: Vec<_> = selected_visitors(state, selected)
        .flat_map(|visitor| visitor.sessions.iter().map(move |history| (visitor, history)))
        .collect();
    sessions.sort_by_key(|(_, history)| std::cmp::Reverse(history.last_seen));
    sessions
        .into_iter()
        .take(MAX_ROWS)
        .map(|(visitor, history)| session(state, visitor, history, now))
        .collect()
}

fn selected_visitors(
    state: &InspectorState,
    selected: Option<Option<u64>>,
) -> impl Iterator<Item = &Visitor> {
    let is_selected =
        move |visitor: &&Visitor| selected.is_none_or(|selected| selected == Some(visitor.label.number));
    state.visitors.iter().filter(is_selected)
}

fn jar(state: &InspectorState, visitor: &Visitor, now: SystemTime) -> JarView {
    let stored = visitor.jar.iter().filter(|cookie| cookie.expires().is_none_or(|expires| expires > now));
    let stored = stored.map(|cookie| {
        let name = String::from_utf8_lossy(cookie.name()).into_owned();
        let left = cookie.expires().and_then(|expires| expires.duration_since(now).ok());
        let is_redacted = !state.redaction.shows_values() && visitor.default_path_cookies.contains(&name);
        JarCookie {
            value: state.shown(&name, cookie.value()),
            name,
            was_set: true,
            is_missing: visitor.missing_cookies.contains(cookie.name()),
            domain: if cookie.is_host_only() {
                cookie.domain().to_owned()
            } else {
                format!(".{}", cookie.domain())
            },
            path: if is_redacted { redacted_path(cookie.path()) } else { cookie.path() }.to_owned(),
            expires: left.map(|left| duration_text(left.as_secs())),
            until: cookie.expires().map(millis),
            size: cookie.name().len() + cookie.value().len(),
            http_only: cookie.is_http_only(),
            secure: cookie.is_secure(),
            same_site: cookie.same_site().map(|same_site| same_site.as_str()),
            partition: cookie.partition().map(|key| key.site().to_string()),
        }
    });
    let unknown_cookies = visitor.unknown_cookies.iter().map(|(name, length)| JarCookie {
        name: name.clone(),
        value: RedactedValue { kind: "text", length: Some(*length), text: None, cut: 0 },
        was_set: false,
        is_missing: false,
        domain: String::new(),
        path: String::new(),
        expires: None,
        until: None,
        size: name.len() + length,
        http_only: false,
        secure: false,
        same_site: None,
        partition: None,
    });
    let cookies: Vec<_> = stored.chain(unknown_cookies).collect();
    JarView { visitor: visitor.label.clone(), size: cookies.iter().map(|cookie| cookie.size).sum(), cookies }
}

fn session(state: &InspectorState, visitor: &Visitor, history: &SessionHistory, now: u64) -> SessionView {
    let report = history.last.as_ref();
    let anatomy = report.and_then(|report| report.anatomy.clone());
    let (token, layers) = anatomy.map(|anatomy| (anatomy.token, anatomy.layers)).unwrap_or_default();
    SessionView {
        visitor: visitor.label.clone(),
        cookie: history.cookie.clone(),
        kind: history.kind,
        storage: storage(history.kind),
        settings: history.settings.clone(),
        user: report.and_then(|report| report.user.clone()),
        lifetimes: report.map(|report| lifetimes_at(&report.lifetimes, now)).unwrap_or_default(),
        size: report.map_or(0, |report| report.size),
        tree: report.map(|report| tree(report, history)).unwrap_or_default(),
        left_out: report.map_or(0, |report| report.left_out),
        history: history.entries.iter().cloned().collect(),
        token,
        layers,
        store_timings: store_timings(&history.durations),
        merges: history.merges,
        conflicts: history.conflicts,
        overwritten: history.overwritten,
        related: related(state, visitor, history),
    }
}

fn tree(report: &SessionReport, history: &SessionHistory) -> Vec<Node> {
    let mut tree = report.tree.clone();
    for node in &mut tree {
        node.set_by = history.set_by.get(&node.key).cloned();
    }
    tree
}

/// Returns the time that remains of each lifetime at `now`.
fn lifetimes_at(lifetimes: &[RemainingLifetime], now: u64) -> Vec<RemainingLifetime> {
    let lifetimes = lifetimes.iter().map(|lifetime| {
        let left = lifetime.until.saturating_sub(now) / 1000;
        RemainingLifetime { left, text: duration_text(left), ..lifetime.clone() }
    });
    lifetimes.collect()
}

fn store_timings(durations: &BTreeMap<String, VecDeque<u64>>) -> Vec<StoreTiming> {
    let timings = durations.iter().map(|(name, micros)| {
        let mut sorted: Vec<_> = micros.iter().copied().collect();
        sorted.sort_unstable();
        StoreTiming {
            name: name.clone(),
            calls: sorted.len(),
            median: sorted.get(sorted.len() / 2).copied().unwrap_or(0),
            longest: sorted.last().copied().unwrap_or(0),
        }
    });
    timings.collect()
}

/// Returns the other sessions of the same browser, and those of the same user in other browsers.
fn related(state: &InspectorState, visitor: &Visitor, history: &SessionHistory) -> Vec<RelatedSession> {
    const MAX_ROWS: usize = 20;
    let all =
        state.visitors.iter().flat_map(|other| other.sessions.iter().map(move |history| (other, history)));
    let related = all.filter_map(|(owner, other)| {
        let is_users = history.user.is_some() && history.user == other.user;
        let relation = if owner.label.number != visitor.label.number {
            is_users.then(|| format!("the same user’s, in the browser {}", owner.label.name))?
        } else if std::ptr::eq(other, history) {
            return None;
        } else {
            match &other.last {
                Some(report) => format!("{} of JSON", count(report.size, "byte")),
                None => "ended".to_owned(),
            }
        };
        Some(RelatedSession { cookie: other.cookie.clone(), kind: other.kind, relation })
    });
    related.take(MAX_ROWS).collect()
}

/// Describes where the data of a kind of session is stored.
fn storage(kind: &str) -> &'static str {
    match kind {
        "signed" => "It lies in the cookie, where the visitor can read it and cannot change it.",
        "encrypted" => "It lies in the cookie, where the visitor can neither read nor change it.",
        _ => "It lies on the server; the cookie holds a random id.",
    }
}
