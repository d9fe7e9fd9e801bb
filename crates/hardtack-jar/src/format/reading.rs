//! What a reader of a format finds, and how it goes into a jar: one way for all formats.

use std::borrow::Cow;
use std::time::SystemTime;

use hardtack_core::cookie::SameSite;

use super::adjustment::Adjustment;
use super::import::Import;
use super::transfer::{Adjusted, Imported, LeftOut, Place, Reason};
use crate::access::Access;
use crate::jar::{Change, Jar};
use crate::record::CookieRecord;
use crate::refusal::Refusal;
use crate::set_cookie_line::SetCookieLine;

/// All that a file holds.
#[derive(Default)]
pub(super) struct Reading<'a> {
    found: Vec<(Place, Found<'a>)>,
    /// What is no cookie, for the writer.
    pub(super) rest: Option<Box<str>>,
}

enum Found<'a> {
    Record(CookieRecord<'a>, Vec<Adjustment>),
    /// A line of HTTP that was received then.
    Line {
        access: Access,
        line: Cow<'a, [u8]>,
        received: SystemTime,
    },
    Unreadable(Reason),
}

impl<'a> Reading<'a> {
    /// A cookie, and what the format's reader changed in it.
    pub(super) fn record(&mut self, place: Place, record: CookieRecord<'a>, adjusted: Vec<Adjustment>) {
        self.found.push((place, Found::Record(record, adjusted)));
    }

    /// A `Set-Cookie` field, as it came from a server.
    pub(super) fn line(
        &mut self,
        place: Place,
        access: Access,
        line: impl Into<Cow<'a, [u8]>>,
        received: SystemTime,
    ) {
        self.found.push((place, Found::Line { access, line: line.into(), received }));
    }

    /// What should be a cookie and cannot be read as one.
    pub(super) fn unreadable(&mut self, place: Place, why: impl Into<Cow<'static, str>>) {
        self.found.push((place, Found::Unreadable(Reason::Unreadable(why.into()))));
    }

    /// Takes everything into the jar.
    pub(super) fn take(self, jar: &mut Jar, import: &Import<'_>, now: SystemTime) -> Imported {
        let mut imported = Imported::default();
        imported.rest = self.rest;
        let written = import.written_at(now);
        for (place, found) in self.found {
            match found {
                Found::Record(record, adjusted) => {
                    take_record(jar, &mut imported, place, &record, adjusted, written, now);
                }
                Found::Line { access, line, received } => {
                    let outcome = take_line(jar, &access, &line, received, now);
                    imported.count(place, None, outcome);
                }
                Found::Unreadable(reason) => imported.leave_out(LeftOut::new(place, None, reason)),
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
    if admitted.host_only && !meant.host_only && !crate::domain::is_ip(&admitted.domain) {
        adjusted.push(Adjustment::PublicSuffix);
    }
    let change = jar.merge_admitted(&admitted, written, now);
    imported.count(place, label(), Ok(change));
    for adjustment in adjusted {
        imported.adjust(Adjusted::new(place, label(), adjustment));
    }
}

/// A line is judged at the moment at which it came, and merged as a cookie that was set then.
fn take_line(
    jar: &mut Jar,
    access: &Access,
    line: &[u8],
    received: SystemTime,
    now: SystemTime,
) -> Result<Change, Refusal> {
    let line = SetCookieLine::parse(line)?;
    let record = jar.decide(jar.followed(), access, &line, received)?;
    Ok(jar.merge_admitted(&record, received, now))
}

/// A cookie's name and domain, by which people find it again.
pub(super) fn label(name: &[u8], domain: &str) -> Box<str> {
    format!("`{}` of {domain}", String::from_utf8_lossy(name)).into()
}
