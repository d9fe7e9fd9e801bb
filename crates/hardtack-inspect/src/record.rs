use std::collections::BTreeSet;
use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue, header};
use hardtack::inspect::Account;
use hardtack_core::cookie::Cookies;
use hardtack_core::session::SessionId;
use hardtack_jar::{Access, Advice, Advisor, Change, CookieRecord, SetCookieLine};

use crate::account_reading::{self, count};
use crate::asked::{Asked, shown_location, words_of};
use crate::exchange::{Exchange, Tone};
use crate::ledger::Ledger;
use crate::lifetimes::{clock_time, millis};
use crate::node::SetBy;
use crate::received::{Received, Verdict};
use crate::ring::Ring;
use crate::session_seen::SessionSeen;
use crate::told::{Decision, Told};
use crate::veil::{Shown, Veil};
use crate::visitors::{MOST_COOKIES, MOST_STRAYS, Visitor, Visitors};
use crate::warning::{Warned, Warning, Warnings};

/// All that is remembered: one lock is around it.
pub(crate) struct Record {
    veil: Veil,
    pub(crate) total: u64,
    pub(crate) ring: Ring,
    pub(crate) visitors: Visitors,
    pub(crate) warnings: Warnings,
    /// The names of cookies that hold sessions: of their values only the beginning is ever kept.
    secrets: BTreeSet<String>,
}

/// What there is of an answer.
pub(crate) struct Answered<'a> {
    /// None if the service failed, or the client did not wait.
    pub(crate) status: Option<axum::http::StatusCode>,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) accounts: Vec<Account>,
    pub(crate) micros: u64,
}

/// So many cookies of one message are listed.
const MOST_LISTED: usize = 60;

/// So many sessions of one browser are followed.
const MOST_LEDGERS: usize = 12;

/// So many exchanges that write a session one after the other look like a habit.
const HABIT: u32 = 5;

impl Record {
    pub(crate) fn new(veil: Veil, ring: Ring) -> Self {
        Self {
            veil,
            total: 0,
            ring,
            visitors: Visitors::new(),
            warnings: Warnings::new(),
            secrets: BTreeSet::new(),
        }
    }

    /// Makes an exchange of a request and its answer, and remembers it.
    pub(crate) fn note(&mut self, asked: &Asked, answered: &Answered<'_>) -> Arc<Exchange> {
        self.total += 1;
        for layer in answered.accounts.iter().filter_map(|account| account.layer.as_ref()) {
            if !self.secrets.contains(&*layer.cookie_name) {
                self.secrets.insert(layer.cookie_name.to_string());
            }
        }
        let number = self.visitors.find_or_meet(asked);
        let access = asked.access();
        let (received, received_left_out) = self.receive(number, asked, access.as_ref(), answered);
        let told = self.tell(number, asked, access.as_ref(), answered.headers);
        let mut exchange = self.exchange(asked, answered, number, received, told);
        exchange.received_left_out = received_left_out;
        self.follow_sessions(number, answered, &mut exchange);
        exchange.is_quiet =
            exchange.told.is_empty() && exchange.sessions.iter().all(|seen| !seen.was_written);
        exchange.has_changes =
            exchange.sessions.iter().any(|seen| seen.was_written || !seen.changes.is_empty());
        let is_bad = |tone| tone == Tone::Bad;
        exchange.has_refusals = exchange.told.iter().any(|told| is_bad(told.decision.tone))
            || exchange.received.iter().any(|received| is_bad(received.verdict.tone));
        self.warn(number, &exchange);
        let exchange = Arc::new(exchange);
        self.ring.push(Arc::clone(&exchange));
        exchange
    }

    /// How many warnings there are, without what is no more than good to know.
    pub(crate) fn count_warnings(&self) -> usize {
        self.warnings.values().filter(|warned| warned.warning.tone != Tone::Plain).count()
    }

    /// A value of a cookie, as far as it is shown.
    pub(crate) fn shown(&self, name: &str, value: &[u8]) -> Shown {
        let text = String::from_utf8_lossy(value);
        if self.is_secret(name, value) {
            return self.veil.secret("session", &text);
        }
        self.veil.value("text", &text)
    }

    /// Whether the value lets in whoever has it.
    fn is_secret(&self, name: &str, value: &[u8]) -> bool {
        const USUAL: [&str; 3] = ["__Host-session", "__Secure-session", "session"];
        self.secrets.contains(name) || USUAL.contains(&name) || SessionId::parse(value).is_some()
    }

    /// What stands in for a value that is not kept: as long as it, and the same for the same one.
    fn stand_in(&self, name: &str, value: &[u8]) -> Vec<u8> {
        let clear = match (self.veil, self.is_secret(name, value)) {
            (Veil::Lifted, false) => return value.to_vec(),
            (Veil::Lifted, true) => value.len().min(crate::veil::MOST_OF_SECRETS),
            (Veil::Drawn, _) => 0,
        };
        let digest = self.visitors.digest(name.as_bytes(), value).to_be_bytes();
        let letters = digest.iter().map(|byte| b"abcdefghijklmnop"[usize::from(byte & 15)]);
        let filler = letters.cycle().take(value.len() - clear);
        value[..clear].iter().copied().chain(filler).collect()
    }

    fn receive(
        &mut self,
        number: u64,
        asked: &Asked,
        access: Option<&Access>,
        answered: &Answered<'_>,
    ) -> (Vec<Received>, usize) {
        let fields: Vec<_> =
            asked.headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes).collect();
        let cookies = Cookies::parse(&fields);
        let mut thoughts = Thoughts::of(&answered.accounts);
        let mut seen = BTreeSet::new();
        let mut listed = Vec::new();
        for (name, value) in cookies.iter_raw() {
            let thought = thoughts.next(name, value);
            let name_shown: String = String::from_utf8_lossy(name).chars().take(120).collect();
            let is_again = !seen.insert(name.to_vec());
            if listed.len() >= MOST_LISTED {
                continue;
            }
            let size = name.len() + value.len();
            let verdict = match thought {
                Some(verdict) => verdict,
                None if is_again => Verdict::new(
                    Tone::Warn,
                    "duplicate",
                    "Another cookie of this name came before it: set for another path or domain. Most servers read the first.",
                ),
                None if size > 4096 => Verdict::new(
                    Tone::Bad,
                    "over size",
                    "No browser keeps a cookie of more than 4096 bytes: something else has sent it.",
                ),
                None => self.known(number, access, asked, &name_shown, value),
            };
            listed.push(Received { value: self.shown(&name_shown, value), name: name_shown, size, verdict });
        }
        let left_out = cookies.len() - listed.len();
        (listed, left_out)
    }

    /// What is known of a cookie that is no session's.
    fn known(
        &mut self,
        number: u64,
        access: Option<&Access>,
        asked: &Asked,
        name: &str,
        value: &[u8],
    ) -> Verdict {
        let stand_in = self.stand_in(name, value);
        let is_secret = self.is_secret(name, value);
        let Some(visitor) = self.visitors.get_mut(number) else { return stray(is_secret) };
        let held = access.and_then(|access| {
            let cookies = visitor.jar.cookies(access, asked.at);
            let mut named = cookies.into_iter().filter(|cookie| cookie.name() == name.as_bytes());
            let first = named.next()?;
            let is_same = first.value() == stand_in || named.any(|cookie| cookie.value() == stand_in);
            Some((is_same, first.clone()))
        });
        let by = match visitor.set_by.get(name) {
            Some(by) => format!("Set by {} in exchange {}", by.route, by.number),
            None => "Set by this application".to_owned(),
        };
        match held {
            Some((true, _)) => Verdict::new(Tone::Good, "known", format!("{by}, and unchanged.")),
            Some((false, cookie)) => {
                let mut record: CookieRecord<'_> = cookie.record();
                record.value = stand_in.into();
                // A value that no page could have set stays as it was.
                let _ = visitor.jar.restore(&record, asked.at);
                let sentence = format!("{by}, and changed since: by a script, or by hand.");
                Verdict::new(Tone::Warn, "changed", sentence)
            }
            None => {
                if visitor.strays.len() < MOST_STRAYS {
                    visitor.strays.insert(name.to_owned(), value.len());
                }
                stray(is_secret)
            }
        }
    }

    fn tell(
        &mut self,
        number: u64,
        asked: &Asked,
        access: Option<&Access>,
        headers: &HeaderMap,
    ) -> Vec<Told> {
        let lines: Vec<_> = headers.get_all(header::SET_COOKIE).iter().take(MOST_LISTED).collect();
        let advice = self.advise(number, asked, access, &lines, headers);
        let told = lines.iter().zip(advice).map(|(line, advice)| {
            let mut told = self.tell_one(number, asked, access, line.as_bytes());
            told.advice = advice.iter().map(|advice| Warning::advised(&told.name, advice)).collect();
            told
        });
        told.collect()
    }

    /// What could be better about cookies that are set, beside those that the browser has.
    fn advise(
        &self,
        number: u64,
        asked: &Asked,
        access: Option<&Access>,
        lines: &[&HeaderValue],
        headers: &HeaderMap,
    ) -> Vec<Vec<Advice>> {
        let (Some(access), Some(visitor)) = (access, self.visitors.get(number)) else {
            return vec![Vec::new(); lines.len()];
        };
        let advisor = Advisor::new(&visitor.jar, access, asked.at);
        let advisor = self.secrets.iter().fold(advisor, |advisor, name| advisor.session(name.as_str()));
        let cached = headers.get(header::CACHE_CONTROL).and_then(|field| field.to_str().ok());
        let advised = advisor.response(lines, cached).into_iter();
        advised.map(|response| response.advice().to_vec()).collect()
    }

    fn tell_one(&mut self, number: u64, asked: &Asked, access: Option<&Access>, line: &[u8]) -> Told {
        let parsed = SetCookieLine::parse(line);
        let (name, value) = match &parsed {
            Ok(parsed) => (parsed.name(), parsed.value()),
            // What no browser reads is still called something.
            Err(_) => pair_of(line),
        };
        let name_shown: String = String::from_utf8_lossy(name).chars().take(120).collect();
        let stand_in = self.stand_in(&name_shown, value);
        let decided = access.and_then(|access| {
            let visitor = self.visitors.get_mut(number)?;
            Some(match visitor.jar.check(access, line, asked.at) {
                Ok(()) => {
                    let kept = with_value(line, name, &stand_in);
                    visitor.jar.set(access, kept, asked.at)
                }
                Err(refusal) => Err(refusal),
            })
        });
        if let Some(Ok(Change::Added | Change::Replaced)) = decided {
            self.visitors.give(number, name, value);
        }
        if let (Some(Ok(_)), Some(visitor)) = (&decided, self.visitors.get_mut(number)) {
            visitor.strays.remove(&name_shown);
            if visitor.set_by.len() < MOST_COOKIES || visitor.set_by.contains_key(&name_shown) {
                let route = asked.route.clone().unwrap_or_else(|| asked.path(self.veil));
                visitor.set_by.insert(name_shown.clone(), SetBy { route, number: self.total });
            }
        }
        let plain = |tone, short, sentence: &str| Decision {
            tone,
            short,
            sentence: sentence.to_owned(),
            section: None,
        };
        let decision = match decided {
            Some(Ok(Change::Added)) => plain(Tone::Good, "kept", "A browser keeps it"),
            Some(Ok(Change::Replaced)) => {
                plain(Tone::Good, "replaced", "A browser keeps it in the place of the one before")
            }
            Some(Ok(Change::Unchanged)) => {
                plain(Tone::Plain, "unchanged", "A browser has the very same already")
            }
            Some(Ok(Change::Removed)) => plain(Tone::Gone, "removed", "A browser removes it"),
            Some(Ok(_)) => {
                plain(Tone::Gone, "removed", "It has expired already, and a browser has none of its name")
            }
            Some(Err(refusal)) => Decision {
                tone: Tone::Bad,
                short: "refused",
                sentence: refusal.sentence().to_owned(),
                section: Some(refusal.section()),
            },
            None => plain(
                Tone::Warn,
                "undecided",
                "The request named no host, so nobody can say whose cookie it is",
            ),
        };
        let attributes = parsed.as_ref().map(|parsed| attributes(parsed, asked)).unwrap_or_default();
        Told {
            value: self.shown(&name_shown, value),
            name: name_shown,
            size: name.len() + value.len(),
            attributes,
            decision,
            advice: Vec::new(),
        }
    }

    fn exchange(
        &self,
        asked: &Asked,
        answered: &Answered<'_>,
        visitor: u64,
        received: Vec<Received>,
        told: Vec<Told>,
    ) -> Exchange {
        let status = answered.status.map_or(0, |status| status.as_u16());
        let reason = match answered.status {
            Some(status) => status.canonical_reason().unwrap_or_default(),
            None => "no answer",
        };
        let advice = told.iter().flat_map(|told| &told.advice);
        let warnings = advice.filter(|advice| advice.tone != Tone::Plain).cloned().collect();
        let tag = self.visitors.get(visitor).map(|visitor| visitor.tag.clone());
        Exchange {
            number: self.total,
            at: asked.at,
            time: clock_time(asked.at),
            millis: millis(asked.at),
            micros: answered.micros,
            visitor: tag.unwrap_or_else(|| self.visitors.nobody()),
            method: asked.method.to_string(),
            path: asked.path(self.veil),
            query: asked.query(self.veil),
            route: asked.route.clone(),
            origin: asked.origin(),
            context: words_of(asked.context()),
            fetch: asked.fetch(),
            status,
            reason: reason.to_owned(),
            location: answered.headers.get(header::LOCATION).map(|to| shown_location(to, self.veil)),
            received,
            received_left_out: 0,
            told,
            sessions: Vec::new(),
            warnings,
            is_quiet: true,
            has_changes: false,
            has_refusals: false,
        }
    }

    fn follow_sessions(&mut self, number: u64, answered: &Answered<'_>, exchange: &mut Exchange) {
        let place = exchange.place().to_owned();
        for account in &answered.accounts {
            let name = account.layer.as_ref().map_or("", |layer| &layer.cookie_name);
            let sent = sent_value(answered.headers, name);
            let mut seen = account_reading::read(account, self.veil, exchange.status, sent.as_deref());
            warn_of_session(&mut exchange.warnings, account, &seen);
            if let Some(visitor) = self.visitors.get_mut(number)
                && (seen.was_opened || seen.was_written)
            {
                let ledger = ledger_of(visitor, &seen, account);
                ledger.note_authors(&mut seen, exchange.number, &place);
                if ledger.written_in_a_row >= HABIT {
                    exchange.warnings.push(Warning::new(
                        Tone::Warn,
                        &seen.cookie,
                        format!("The session was written by each of the last {} that opened it", count(ledger.written_in_a_row as usize, "exchange")),
                        "Write only what has changed: a session that is only read costs neither a write nor a cookie.",
                    ));
                }
                ledger.note(&seen, exchange);
            }
            exchange.sessions.push(seen);
        }
    }

    fn warn(&mut self, number: u64, exchange: &Exchange) {
        let notices = exchange.told.iter().flat_map(|told| &told.advice);
        let notices = notices.filter(|advice| advice.tone == Tone::Plain);
        for warning in exchange.warnings.iter().chain(notices) {
            Warned::count(&mut self.warnings, warning, exchange.number, exchange.place());
            if let Some(visitor) = self.visitors.get_mut(number) {
                Warned::count(&mut visitor.warnings, warning, exchange.number, exchange.place());
            }
        }
    }
}

/// What the layers thought of the cookies that they looked at.
struct Thoughts<'a> {
    left: Vec<(&'a Account, usize)>,
}

impl<'a> Thoughts<'a> {
    fn of(accounts: &'a [Account]) -> Self {
        Self { left: accounts.iter().map(|account| (account, 0)).collect() }
    }

    /// What was thought of the next cookie in the header; none if it is no session's.
    fn next(&mut self, name: &[u8], value: &[u8]) -> Option<Verdict> {
        let is_its = |account: &Account| {
            account.layer.as_ref().is_some_and(|layer| layer.cookie_name.as_bytes() == name)
        };
        let (account, looked_at) = self.left.iter_mut().find(|(account, _)| is_its(account))?;
        if account.opened_at.is_none() {
            let sentence = "A session’s; nobody has asked for it, so it was not looked at.";
            return Some(Verdict::new(Tone::Plain, "not looked at", sentence));
        }
        match account.candidates.get(*looked_at).filter(|candidate| *candidate.value == *value) {
            Some(candidate) => {
                *looked_at += 1;
                Some(account_reading::verdict(candidate.verdict))
            }
            None => {
                let sentence = "Another cookie of the session’s name came before it, and that one counts.";
                Some(Verdict::new(Tone::Warn, "duplicate", sentence))
            }
        }
    }
}

fn stray(is_secret: bool) -> Verdict {
    let sentence = match is_secret {
        true => "Never set while the inspector looked; by its name or form it is a session’s.",
        false => {
            "Never set while the inspector looked: by an earlier run, by a script, or by another program on this host."
        }
    };
    Verdict::new(Tone::Plain, "unknown", sentence)
}

fn ledger_of<'a>(visitor: &'a mut Visitor, seen: &SessionSeen, account: &Account) -> &'a mut Ledger {
    let at = match visitor.ledgers.iter().position(|ledger| ledger.is_of(seen)) {
        Some(at) => at,
        None => {
            if visitor.ledgers.len() >= MOST_LEDGERS {
                visitor.ledgers.remove(0);
            }
            visitor.ledgers.push(Ledger::new(seen, account_reading::settings(account)));
            visitor.ledgers.len() - 1
        }
    };
    &mut visitor.ledgers[at]
}

fn warn_of_session(warnings: &mut Vec<Warning>, account: &Account, seen: &SessionSeen) {
    let mut warn = |sentence: String, fix: &str| {
        warnings.push(Warning::new(Tone::Warn, &seen.cookie, sentence, fix));
    };
    if let Some(mistake) = &account.mistake {
        warn(format!("A mistake: {mistake}"), "Change the layer’s settings as the sentence says.");
    }
    let Some(layer) = &account.layer else { return };
    if let Some(shortest) = layer.key_lengths.iter().min().filter(|length| **length < 32) {
        warn(
            format!("A secret key has only {}", count(*shortest, "byte")),
            "Make one with `openssl rand -hex 32`, and keep the old one as a previous key until its sessions have ended.",
        );
    }
    if account.candidates.len() > 1 {
        warn(
            format!(
                "{} came with one request",
                count(account.candidates.len(), "cookie of the session’s name")
            ),
            "One of them was set for another path or domain: set it in one place, or use a `__Host-` name.",
        );
    }
}

/// The value of the last cookie of a name that a response sets.
fn sent_value(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(header::SET_COOKIE).iter().rev();
    let value = lines.filter_map(|line| {
        let (own, value) = pair_of(line.as_bytes());
        (own == name.as_bytes()).then(|| String::from_utf8_lossy(value).into_owned())
    });
    value.into_iter().next()
}

/// Name and value of a line that need not be readable.
fn pair_of(line: &[u8]) -> (&[u8], &[u8]) {
    let pair = line.split(|byte| *byte == b';').next().unwrap_or_default();
    match pair.iter().position(|byte| *byte == b'=') {
        Some(at) => (pair[..at].trim_ascii(), pair[at + 1..].trim_ascii()),
        None => (b"", pair.trim_ascii()),
    }
}

/// A line with another value.
fn with_value(line: &[u8], name: &[u8], value: &[u8]) -> Vec<u8> {
    let attributes = line.iter().position(|byte| *byte == b';').map_or(&b""[..], |at| &line[at..]);
    [name, b"=", value, attributes].concat()
}

fn attributes(line: &SetCookieLine<'_>, asked: &Asked) -> Vec<String> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).chars().take(120).collect::<String>();
    let mut attributes = Vec::new();
    attributes.extend(line.domain().map(|domain| format!("Domain={}", text(domain))));
    attributes.extend(line.path().map(|path| format!("Path={}", text(path))));
    if let Some(expires) = line.expires(asked.at) {
        let left = expires.duration_since(asked.at).unwrap_or_default().as_secs();
        attributes.push(match left {
            0 => "expired".to_owned(),
            left => format!("for {}", crate::lifetimes::words(left)),
        });
    }
    let flags = [
        (line.is_secure(), "Secure"),
        (line.is_http_only(), "HttpOnly"),
        (line.is_partitioned(), "Partitioned"),
    ];
    attributes.extend(flags.iter().filter(|(is_set, _)| *is_set).map(|(_, flag)| (*flag).to_owned()));
    attributes.extend(line.same_site().map(|same_site| format!("SameSite={}", same_site.as_str())));
    attributes
}
