//! The contents of a file, as a format's reader returns them. They are added to a jar in the same way for all formats.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::time::SystemTime;

use hardtack_core::cookie::{SameSite, trim};

use super::adjustment::Adjustment;
use super::attribute::implies_http_only;
use super::import::Import;
use super::imported::Imported;
use super::left_out::{Adjusted, LeftOut, Position, Reason, label};
use crate::cookie::CookieRecord;
use crate::jar::{Jar, JarChange};
use crate::request::{RequestContext, with_parents};
use crate::set_cookie::{Refusal, SetCookieLine};

/// The latest time that a file may contain, in seconds since the Unix epoch: 9999-12-31, 23:59:59.
pub(super) const MAX_UNIX_SECONDS: u64 = 253_402_300_799;

/// The contents of a file.
#[derive(Default)]
pub(super) struct ParsedFile<'a> {
    found: Vec<(Position, ParsedCookie<'a>)>,
    /// The contents other than cookies, for the format's writer.
    pub(super) rest: Option<Box<str>>,
    /// Adjustments to the rest of the file.
    adjusted: Vec<Adjusted>,
    /// The reason why expected cookies are missing.
    pub(super) note: Option<&'static str>,
}

enum ParsedCookie<'a> {
    Record(CookieRecord<'a>, Vec<Adjustment>),
    /// A `Set-Cookie` line, and when it was received.
    Line {
        request: RequestContext,
        line: Cow<'a, [u8]>,
        received: SystemTime,
    },
    /// A name-value pair from a `Cookie` header, and when it was sent.
    Sent {
        request: RequestContext,
        name: Cow<'a, [u8]>,
        value: Cow<'a, [u8]>,
        sent: SystemTime,
    },
    Unreadable(Option<Box<str>>, Reason),
}

impl ParsedCookie<'_> {
    fn sent_name(&self) -> Option<&[u8]> {
        match self {
            Self::Sent { name, .. } => Some(name),
            _ => None,
        }
    }
}

impl<'a> ParsedFile<'a> {
    /// Adds a cookie, and the adjustments that the format's reader made to it.
    pub(super) fn record(&mut self, position: Position, record: CookieRecord<'a>, adjusted: Vec<Adjustment>) {
        self.found.push((position, ParsedCookie::Record(record, adjusted)));
    }

    /// Adds a `Set-Cookie` field from a server.
    pub(super) fn line(
        &mut self,
        position: Position,
        request: RequestContext,
        line: impl Into<Cow<'a, [u8]>>,
        received: SystemTime,
    ) {
        self.found.push((position, ParsedCookie::Line { request, line: line.into(), received }));
    }

    /// Adds a name and a value that a browser sent in a `Cookie` field.
    pub(super) fn sent(
        &mut self,
        position: Position,
        request: RequestContext,
        name: impl Into<Cow<'a, [u8]>>,
        value: impl Into<Cow<'a, [u8]>>,
        sent: SystemTime,
    ) {
        self.found
            .push((position, ParsedCookie::Sent { request, name: name.into(), value: value.into(), sent }));
    }

    /// Adds a part of the file that should be a cookie, but cannot be read. `cookie` is the cookie's [`label`], if it
    /// is known.
    pub(super) fn unreadable(
        &mut self,
        position: Position,
        cookie: Option<Box<str>>,
        why: impl Into<Cow<'static, str>>,
    ) {
        self.found.push((position, ParsedCookie::Unreadable(cookie, Reason::Unreadable(why.into()))));
    }

    /// Records an adjustment to the rest of the file.
    pub(super) fn adjust(&mut self, position: Position, adjustment: Adjustment) {
        self.adjusted.push(Adjusted::new(position, None, adjustment));
    }

    /// Adds the cookies to the jar, and returns the result of the import.
    pub(super) fn add_to(self, jar: &mut Jar, import: &Import<'_>, now: SystemTime) -> Imported {
        let mut imported = Imported::default();
        imported.rest = self.rest;
        imported.note = self.note;
        self.adjusted.into_iter().for_each(|adjusted| imported.adjust(adjusted));
        let written = import.written_at(now);
        let known = KnownCookies::of(jar, &self.found, now);
        for (position, found) in self.found {
            match found {
                ParsedCookie::Record(record, adjusted) => {
                    add_record(jar, &mut imported, position, &record, adjusted, written, now);
                }
                ParsedCookie::Line { request, line, received } => {
                    let outcome = add_line(jar, &request, &line, received, now);
                    imported.count(position, Some(line_label(&line, &request)), outcome);
                }
                ParsedCookie::Sent { request, name, value, sent } => {
                    let outcome = add_sent(jar, &known, &request, &name, &value, sent, now);
                    imported.count(position, Some(label(&name, request.host())), outcome);
                }
                ParsedCookie::Unreadable(cookie, reason) => {
                    imported.leave_out(LeftOut::new(position, cookie, reason))
                }
            }
        }
        imported
    }
}

fn add_record(
    jar: &mut Jar,
    imported: &mut Imported,
    position: Position,
    record: &CookieRecord<'_>,
    mut adjusted: Vec<Adjustment>,
    written: SystemTime,
    now: SystemTime,
) {
    let label = || Some(label(&record.name, &record.domain));
    let mut normalized = record.clone();
    if normalized.same_site == Some(SameSite::None) && !normalized.secure {
        normalized.same_site = None;
        adjusted.push(Adjustment::NoneWithoutSecure);
    }
    let admitted = match jar.admit(&normalized, now) {
        Ok(admitted) => admitted,
        Err(refusal) => return imported.leave_out(LeftOut::new(position, label(), Reason::Refused(refusal))),
    };
    if admitted.host_only && !normalized.host_only && !crate::request::is_ip(&admitted.domain) {
        adjusted.push(Adjustment::PublicSuffix);
    }
    if admitted.expires != normalized.expires {
        adjusted.push(Adjustment::LongLife);
    }
    let change = jar.merge_admitted(&admitted, written, now);
    imported.count(position, label(), Ok(change));
    for adjustment in adjusted {
        imported.adjust(Adjusted::new(position, label(), adjustment));
    }
}

/// Adds a `Set-Cookie` line. The line is checked as of the time at which it was received, and merged as a cookie that
/// was set at that time.
fn add_line(
    jar: &mut Jar,
    request: &RequestContext,
    line: &[u8],
    received: SystemTime,
    now: SystemTime,
) -> Result<JarChange, Refusal> {
    let line = SetCookieLine::parse(line)?;
    let record = jar.decide(jar.followed_profile(), request, &line, received)?;
    Ok(jar.merge_admitted(&record, received, now))
}

/// Adds a cookie from a `Cookie` field, which contains only the cookie's name and value. If the jar has a cookie with
/// that name for the host, that cookie gets the value and keeps its attributes. Otherwise, the new cookie is host-only,
/// and `Secure` if the request was encrypted.
fn add_sent(
    jar: &mut Jar,
    known: &KnownCookies,
    request: &RequestContext,
    name: &[u8],
    value: &[u8],
    sent: SystemTime,
    now: SystemTime,
) -> Result<JarChange, Refusal> {
    let mut record = match known.find(name, request.host()) {
        Some(same) if same.values.contains(value) => return Ok(JarChange::Unchanged),
        Some(same) => CookieRecord { value: value.into(), ..same.first.clone() },
        None => {
            let mut record = CookieRecord::new(name, value, request.host(), sent);
            record.secure = request.encrypted;
            record.http_only = implies_http_only(name);
            record
        }
    };
    record.updated = Some(sent);
    let admitted = jar.admit(&record, now)?;
    Ok(jar.merge_admitted(&admitted, sent, now))
}

/// The cookies that the jar had before the import, if their names are among those of the sent cookies. They need no
/// update during the import, because a reader adds each sent name only once per host.
struct KnownCookies(HashMap<(Vec<u8>, Box<str>), SameName>);

/// Cookies with the same name and domain, which differ in their paths.
struct SameName {
    first: CookieRecord<'static>,
    values: HashSet<Vec<u8>>,
}

impl KnownCookies {
    fn of(jar: &Jar, found: &[(Position, ParsedCookie<'_>)], now: SystemTime) -> Self {
        let sent: HashSet<&[u8]> = found.iter().filter_map(|(_, found)| found.sent_name()).collect();
        let mut known: HashMap<_, SameName> = HashMap::new();
        if sent.is_empty() {
            return Self(known);
        }
        for cookie in jar.iter().filter(|cookie| sent.contains(cookie.name())) {
            if cookie.expires().is_none_or(|expires| expires > now) {
                let position = (cookie.name().to_vec(), cookie.domain().into());
                let same = known.entry(position).or_insert_with(|| SameName {
                    first: cookie.record().into_owned(),
                    values: HashSet::new(),
                });
                same.values.insert(cookie.value().to_vec());
            }
        }
        Self(known)
    }

    /// Returns the cookies with this name that may be sent to this host: the host's own cookies, or else those of the
    /// nearest parent domain that has some.
    fn find(&self, name: &[u8], host: &str) -> Option<&SameName> {
        with_parents(host).find_map(|domain| {
            let same = self.0.get(&(name.to_vec(), domain.into()))?;
            (domain == host || !same.first.host_only).then_some(same)
        })
    }
}

/// Returns the label of a `Set-Cookie` line, even if the line cannot be parsed.
fn line_label(line: &[u8], request: &RequestContext) -> Box<str> {
    let pair = line.split(|&byte| byte == b';').next().unwrap_or_default();
    // A line without `=` is a value without a name.
    let name = pair.iter().position(|&byte| byte == b'=').map_or(&b""[..], |end| trim(&pair[..end]));
    let domain = SetCookieLine::parse(line).ok().and_then(|line| line.domain());
    match domain.filter(|domain| !domain.is_empty()) {
        Some(domain) => label(name, &String::from_utf8_lossy(domain)),
        None => label(name, request.host()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_has_no_control_characters() {
        assert_eq!(&*label(b"a\x1b[31m\n", "b\u{202e}\u{9b}"), "`a\\u{1b}[31m\\n` of b\\u{202e}\\u{9b}");
        assert_eq!(&*label("\"\u{fc}\" \\ 1".as_bytes(), ""), "`\"\u{fc}\" \\ 1`");
        assert_eq!(label(&[b'a'; 1_000], "").chars().count(), 256 + 3);
    }
}
