use std::collections::BTreeMap;
use std::time::SystemTime;

use axum::http::HeaderMap;
use serde::Serialize;

use crate::anatomy::{Layer, Part};
use crate::asked::{Asked, veiled_path};
use crate::change::Change;
use crate::inspector::Inspector;
use crate::ledger::{Ledger, Past};
use crate::lifetimes::{Life, millis, words};
use crate::node::Node;
use crate::record::Record;
use crate::session_seen::SessionSeen;
use crate::tag::Tag;
use crate::tone::Tone;
use crate::trace_reading::count;
use crate::veil::Shown;
use crate::visitors::Visitor;

/// The cookie jar of a browser as developer tools show it, reconstructed from the responses that it received.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct JarView {
    /// The browser to which the jar belongs.
    pub visitor: Tag,
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
    pub value: Shown,
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
    visitor: Tag,
    cookie: String,
    kind: &'static str,
    meaning: &'static str,
    settings: Vec<String>,
    user: Option<Shown>,
    lifetimes: Vec<Life>,
    size: usize,
    tree: Vec<Node>,
    left_out: usize,
    history: Vec<PastView>,
    token: Vec<Part>,
    layers: Vec<Layer>,
    operations: Vec<Timing>,
    merges: u64,
    conflicts: u64,
    overwritten: u64,
    others: Vec<Other>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct PastView {
    number: u64,
    route: String,
    time: String,
    says: Option<String>,
    tone: Tone,
    changes: Vec<Change>,
}

/// The time that the store takes for one operation, in microseconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Timing {
    name: String,
    times: usize,
    median: u64,
    longest: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Other {
    cookie: String,
    kind: &'static str,
    words: String,
}

impl Inspector {
    /// Returns the cookie jar of the browser that sent the given headers, reconstructed from the application's
    /// responses. Returns `None` for an unknown browser.
    pub fn jar_of(&self, headers: &HeaderMap) -> Option<JarView> {
        let record = self.record();
        let visitor = record.visitors.get(record.visitors.find(&Asked::by(headers))?)?;
        Some(jar(&record, visitor, SystemTime::now()))
    }
}

/// Returns the jars of all browsers, or of one.
pub(crate) fn jars(record: &Record, of: Option<Option<u64>>) -> Vec<JarView> {
    let now = SystemTime::now();
    let jars = chosen(record, of).map(|visitor| jar(record, visitor, now));
    jars.filter(|jar| !jar.cookies.is_empty()).collect()
}

/// Returns the sessions of all browsers, or of one, most recently used first.
pub(crate) fn sessions(record: &Record, of: Option<Option<u64>>) -> Vec<SessionView> {
    const MAX_ROWS: usize = 20;
    let now = millis(SystemTime::now());
    let mut sessions: Vec<_> = chosen(record, of)
        .flat_map(|visitor| visitor.ledgers.iter().map(move |ledger| (visitor, ledger)))
        .collect();
    sessions.sort_by_key(|(_, ledger)| std::cmp::Reverse(ledger.seen));
    sessions
        .into_iter()
        .take(MAX_ROWS)
        .map(|(visitor, ledger)| session(record, visitor, ledger, now))
        .collect()
}

fn chosen(record: &Record, of: Option<Option<u64>>) -> impl Iterator<Item = &Visitor> {
    let is_chosen = move |visitor: &&Visitor| of.is_none_or(|of| of == Some(visitor.tag.number));
    record.visitors.iter().filter(is_chosen)
}

fn jar(record: &Record, visitor: &Visitor, now: SystemTime) -> JarView {
    let kept = visitor.jar.iter().filter(|cookie| cookie.expires().is_none_or(|expires| expires > now));
    let kept = kept.map(|cookie| {
        let name = String::from_utf8_lossy(cookie.name()).into_owned();
        let left = cookie.expires().and_then(|expires| expires.duration_since(now).ok());
        let is_veiled = !record.veil.is_lifted() && visitor.unpathed.contains(&name);
        JarCookie {
            value: record.shown(&name, cookie.value()),
            name,
            was_set: true,
            is_missing: visitor.missing.contains(cookie.name()),
            domain: if cookie.is_host_only() {
                cookie.domain().to_owned()
            } else {
                format!(".{}", cookie.domain())
            },
            path: if is_veiled { veiled_path(cookie.path()) } else { cookie.path() }.to_owned(),
            expires: left.map(|left| words(left.as_secs())),
            until: cookie.expires().map(millis),
            size: cookie.name().len() + cookie.value().len(),
            http_only: cookie.is_http_only(),
            secure: cookie.is_secure(),
            same_site: cookie.same_site().map(|same_site| same_site.as_str()),
            partition: cookie.partition().map(|key| key.site().to_string()),
        }
    });
    let strays = visitor.strays.iter().map(|(name, length)| JarCookie {
        name: name.clone(),
        value: Shown { kind: "text", length: Some(*length), text: None, cut: 0 },
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
    let cookies: Vec<_> = kept.chain(strays).collect();
    JarView { visitor: visitor.tag.clone(), size: cookies.iter().map(|cookie| cookie.size).sum(), cookies }
}

fn session(record: &Record, visitor: &Visitor, ledger: &Ledger, now: u64) -> SessionView {
    let seen = ledger.last.as_ref();
    let anatomy = seen.and_then(|seen| seen.anatomy.clone());
    let (token, layers) = anatomy.map(|anatomy| (anatomy.token, anatomy.layers)).unwrap_or_default();
    SessionView {
        visitor: visitor.tag.clone(),
        cookie: ledger.cookie.clone(),
        kind: ledger.kind,
        meaning: meaning(ledger.kind),
        settings: ledger.settings.clone(),
        user: seen.and_then(|seen| seen.user.clone()),
        lifetimes: seen.map(|seen| lives_now(&seen.lifetimes, now)).unwrap_or_default(),
        size: seen.map_or(0, |seen| seen.size),
        tree: seen.map(|seen| tree(seen, ledger)).unwrap_or_default(),
        left_out: seen.map_or(0, |seen| seen.left_out),
        history: ledger.history.iter().map(past).collect(),
        token,
        layers,
        operations: timings(&ledger.timings),
        merges: ledger.merges,
        conflicts: ledger.conflicts,
        overwritten: ledger.overwritten,
        others: others(record, visitor, ledger),
    }
}

fn tree(seen: &SessionSeen, ledger: &Ledger) -> Vec<Node> {
    let mut tree = seen.tree.clone();
    for node in &mut tree {
        node.set_by = ledger.set_by.get(&node.key).cloned();
    }
    tree
}

/// Returns the time that remains of each lifetime at `now`.
fn lives_now(lives: &[Life], now: u64) -> Vec<Life> {
    let lives = lives.iter().map(|life| {
        let left = life.until.saturating_sub(now) / 1000;
        Life { left, words: words(left), ..life.clone() }
    });
    lives.collect()
}

fn past(past: &Past) -> PastView {
    PastView {
        number: past.number,
        route: past.route.clone(),
        time: past.time.clone(),
        says: past.says.clone(),
        tone: past.tone,
        changes: past.changes.clone(),
    }
}

fn timings(timings: &BTreeMap<String, std::collections::VecDeque<u64>>) -> Vec<Timing> {
    let timings = timings.iter().map(|(name, micros)| {
        let mut sorted: Vec<_> = micros.iter().copied().collect();
        sorted.sort_unstable();
        Timing {
            name: name.clone(),
            times: sorted.len(),
            median: sorted.get(sorted.len() / 2).copied().unwrap_or(0),
            longest: sorted.last().copied().unwrap_or(0),
        }
    });
    timings.collect()
}

/// Returns the other sessions of the same browser, and those of the same user in other browsers.
fn others(record: &Record, visitor: &Visitor, ledger: &Ledger) -> Vec<Other> {
    const MAX_ROWS: usize = 20;
    let all =
        record.visitors.iter().flat_map(|other| other.ledgers.iter().map(move |ledger| (other, ledger)));
    let others = all.filter_map(|(whose, other)| {
        let is_users = ledger.user.is_some() && ledger.user == other.user;
        let words = if whose.tag.number != visitor.tag.number {
            is_users.then(|| format!("the same user’s, in the browser {}", whose.tag.tag))?
        } else if std::ptr::eq(other, ledger) {
            return None;
        } else {
            match &other.last {
                Some(seen) => format!("{} of JSON", count(seen.size, "byte")),
                None => "ended".to_owned(),
            }
        };
        Some(Other { cookie: other.cookie.clone(), kind: other.kind, words })
    });
    others.take(MAX_ROWS).collect()
}

fn meaning(kind: &str) -> &'static str {
    match kind {
        "signed" => "It lies in the cookie, where the visitor can read it and cannot change it.",
        "encrypted" => "It lies in the cookie, where the visitor can neither read nor change it.",
        _ => "It lies on the server; the cookie holds a random id.",
    }
}
