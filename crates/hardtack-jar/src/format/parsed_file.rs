//! What a format's reader finds, and how it is added to a jar: the same way for all formats.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::time::SystemTime;

use hardtack_core::cookie::{SameSite, trim};

use super::adjustment::Adjustment;
use super::attribute::promises_http_only;
use super::import::Import;
use super::imported::Imported;
use super::left_out::{Adjusted, LeftOut, Place, Reason, label};
use crate::cookie::CookieRecord;
use crate::jar::{Change, Jar};
use crate::request::{RequestContext, with_parents};
use crate::set_cookie::{Refusal, SetCookieLine};

/// Everything in a file.
#[derive(Default)]
pub(super) struct Reading<'a> {
    found: Vec<(Place, Found<'a>)>,
    /// Everything other than cookies, for the writer.
    pub(super) rest: Option<Box<str>>,
    /// Adjustments to the rest of the file.
    adjusted: Vec<Adjusted>,
    /// Why expected cookies are missing.
    pub(super) note: Option<&'static str>,
}

enum Found<'a> {
    Record(CookieRecord<'a>, Vec<Adjustment>),
    /// A `Set-Cookie` line, and when it was received.
    Line {
        access: RequestContext,
        line: Cow<'a, [u8]>,
        received: SystemTime,
    },
    /// A name-value pair from a `Cookie` header, and when it was sent.
    Sent {
        access: RequestContext,
        name: Cow<'a, [u8]>,
        value: Cow<'a, [u8]>,
        sent: SystemTime,
    },
    Unreadable(Option<Box<str>>, Reason),
}

impl Found<'_> {
    fn sent_name(&self) -> Option<&[u8]> {
        match self {
            Self::Sent { name, .. } => Some(name),
            _ => None,
        }
    }
}

impl<'a> Reading<'a> {
    /// Adds a cookie, and what the format's reader changed in it.
    pub(super) fn record(&mut self, place: Place, record: CookieRecord<'a>, adjusted: Vec<Adjustment>) {
        self.found.push((place, Found::Record(record, adjusted)));
    }

    /// Adds a `Set-Cookie` field from a server.
    pub(super) fn line(
        &mut self,
        place: Place,
        access: RequestContext,
        line: impl Into<Cow<'a, [u8]>>,
        received: SystemTime,
    ) {
        self.found.push((place, Found::Line { access, line: line.into(), received }));
    }

    /// Adds a name and a value that a browser sent in a `Cookie` field.
    pub(super) fn sent(
        &mut self,
        place: Place,
        access: RequestContext,
        name: impl Into<Cow<'a, [u8]>>,
        value: impl Into<Cow<'a, [u8]>>,
        sent: SystemTime,
    ) {
        self.found.push((place, Found::Sent { access, name: name.into(), value: value.into(), sent }));
    }

    /// Adds something that should be a cookie but cannot be read as one. `cookie` is its [`label`], if that is known.
    pub(super) fn unreadable(
        &mut self,
        place: Place,
        cookie: Option<Box<str>>,
        why: impl Into<Cow<'static, str>>,
    ) {
        self.found.push((place, Found::Unreadable(cookie, Reason::Unreadable(why.into()))));
    }

    /// Records what was changed in the rest of the file.
    pub(super) fn adjust(&mut self, place: Place, adjustment: Adjustment) {
        self.adjusted.push(Adjusted::new(place, None, adjustment));
    }

    /// Adds everything to the jar.
    pub(super) fn take(self, jar: &mut Jar, import: &Import<'_>, now: SystemTime) -> Imported {
        let mut imported = Imported::default();
        imported.rest = self.rest;
        imported.note = self.note;
        self.adjusted.into_iter().for_each(|adjusted| imported.adjust(adjusted));
        let written = import.written_at(now);
        let known = Known::of(jar, &self.found, now);
        for (place, found) in self.found {
            match found {
                Found::Record(record, adjusted) => {
                    take_record(jar, &mut imported, place, &record, adjusted, written, now);
                }
                Found::Line { access, line, received } => {
                    let outcome = take_line(jar, &access, &line, received, now);
                    imported.count(place, Some(line_label(&line, &access)), outcome);
                }
                Found::Sent { access, name, value, sent } => {
                    let outcome = take_sent(jar, &known, &access, &name, &value, sent, now);
                    imported.count(place, Some(label(&name, access.host())), outcome);
                }
                Found::Unreadable(cookie, reason) => imported.leave_out(LeftOut::new(place, cookie, reason)),
            }
        }
        imported
    }
}

fn take_record(
    jar: &mut Jar,
    imported: &mut Imported,
    place: Place,
    record: &CookieRecord<'_>,
    mut adjusted: Vec<Adjustment>,
    written: SystemTime,
    now: SystemTime,
) {
    let label = || Some(label(&record.name, &record.domain));
    let mut meant = record.clone();
    if meant.same_site == Some(SameSite::None) && !meant.secure {
        meant.same_site = None;
        adjusted.push(Adjustment::NoneWithoutSecure);
    }
    let admitted = match jar.admit(&meant, now) {
        Ok(admitted) => admitted,
        Err(refusal) => return imported.leave_out(LeftOut::new(place, label(), Reason::Refused(refusal))),
    };
    if admitted.host_only && !meant.host_only && !crate::request::is_ip(&admitted.domain) {
        adjusted.push(Adjustment::PublicSuffix);
    }
    if admitted.expires != meant.expires {
        adjusted.push(Adjustment::LongLife);
    }
    let change = jar.merge_admitted(&admitted, written, now);
    imported.count(place, label(), Ok(change));
    for adjustment in adjusted {
        imported.adjust(Adjusted::new(place, label(), adjustment));
    }
}

/// Adds a `Set-Cookie` line. The line is checked as of the time at which it was received, and merged as a cookie that
/// was set then.
fn take_line(
    jar: &mut Jar,
    access: &RequestContext,
    line: &[u8],
    received: SystemTime,
    now: SystemTime,
) -> Result<Change, Refusal> {
    let line = SetCookieLine::parse(line)?;
    let record = jar.decide(jar.followed(), access, &line, received)?;
    Ok(jar.merge_admitted(&record, received, now))
}

/// Adds a pair of a `Cookie` field, which gives only a name and a value. If the jar has a cookie with that name for the
/// host, that cookie gets the value and keeps its attributes. Otherwise, the new cookie is host-only, and `Secure` if
/// the request was encrypted.
fn take_sent(
    jar: &mut Jar,
    known: &Known,
    access: &RequestContext,
    name: &[u8],
    value: &[u8],
    sent: SystemTime,
    now: SystemTime,
) -> Result<Change, Refusal> {
    let mut record = match known.find(name, access.host()) {
        Some(same) if same.values.contains(value) => return Ok(Change::Unchanged),
        Some(same) => CookieRecord { value: value.into(), ..same.first.clone() },
        None => {
            let mut record = CookieRecord::new(name, value, access.host(), sent);
            record.secure = access.encrypted;
            record.http_only = promises_http_only(name);
            record
        }
    };
    record.updated = Some(sent);
    let admitted = jar.admit(&record, now)?;
    Ok(jar.merge_admitted(&admitted, sent, now))
}

/// The jar's cookies with the sent names, before anything is added. A reader adds each name once per host.
struct Known(HashMap<(Vec<u8>, Box<str>), Same>);

/// Cookies with the same name and domain, which differ in their paths.
struct Same {
    first: CookieRecord<'static>,
    values: HashSet<Vec<u8>>,
}

impl Known {
    fn of(jar: &Jar, found: &[(Place, Found<'_>)], now: SystemTime) -> Self {
        let sent: HashSet<&[u8]> = found.iter().filter_map(|(_, found)| found.sent_name()).collect();
        let mut known: HashMap<_, Same> = HashMap::new();
        if sent.is_empty() {
            return Self(known);
        }
        for cookie in jar.iter().filter(|cookie| sent.contains(cookie.name())) {
            if cookie.expires().is_none_or(|expires| expires > now) {
                let place = (cookie.name().to_vec(), cookie.domain().into());
                let same = known
                    .entry(place)
                    .or_insert_with(|| Same { first: cookie.record().into_owned(), values: HashSet::new() });
                same.values.insert(cookie.value().to_vec());
            }
        }
        Self(known)
    }

    /// Returns the cookies of a name that may be sent to a host: its own, or else those of a parent domain.
    fn find(&self, name: &[u8], host: &str) -> Option<&Same> {
        with_parents(host).find_map(|domain| {
            let same = self.0.get(&(name.to_vec(), domain.into()))?;
            (domain == host || !same.first.host_only).then_some(same)
        })
    }
}

/// Returns the label of a `Set-Cookie` line, even of one that cannot be parsed.
fn line_label(line: &[u8], access: &RequestContext) -> Box<str> {
    let pair = line.split(|&byte| byte == b';').next().unwrap_or_default();
    // Without `=`, there is only a value.
    let name = pair.iter().position(|&byte| byte == b'=').map_or(&b""[..], |end| trim(&pair[..end]));
    let domain = SetCookieLine::parse(line).ok().and_then(|line| line.domain());
    match domain.filter(|domain| !domain.is_empty()) {
        Some(domain) => label(name, &String::from_utf8_lossy(domain)),
        None => label(name, access.host()),
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
