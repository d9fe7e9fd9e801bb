//! An array of cookies, as the DevTools protocol, Puppeteer and browser extensions have it.

use std::time::SystemTime;

use serde_json::Value as Json;
use serde_json::value::RawValue;

use super::browser_json::{Dialect, NOT_UTF8, Read, Written, from_json};
use super::transfer::{Exported, Imported, LeftOut, Place, Reason, live};
use crate::error::Error;
use crate::jar::Jar;

pub(super) fn read(jar: &mut Jar, text: &[u8], now: SystemTime) -> Result<Imported, Error> {
    let cookies: Vec<&RawValue> = from_json(text, "this should be a JSON array of cookies")?;
    let mut imported = Imported::default();
    read_all(jar, &mut imported, &cookies, now);
    Ok(imported)
}

/// Each by itself, so that a bad one harms no other.
pub(super) fn read_all(jar: &mut Jar, imported: &mut Imported, cookies: &[&RawValue], now: SystemTime) {
    for (index, cookie) in cookies.iter().enumerate() {
        let place = Place::Cookie(index + 1);
        match serde_json::from_str::<Read>(cookie.get()) {
            Err(_) => imported.leave_out(place, Reason::Unreadable("it has not the members of a cookie")),
            Ok(read) => match read.record(now) {
                Ok(record) => imported.restore(jar, place, &record, now),
                Err(why) => imported.leave_out(place, Reason::Unreadable(why)),
            },
        }
    }
}

pub(super) fn write(jar: &Jar, now: SystemTime) -> Exported {
    let (cookies, left_out) = written(jar, Dialect::DevTools, now);
    Exported { text: format!("{:#}\n", Json::from(cookies)).into_bytes(), left_out }
}

pub(super) fn written(jar: &Jar, dialect: Dialect, now: SystemTime) -> (Vec<Json>, Vec<LeftOut>) {
    let (mut cookies, mut left_out) = (Vec::new(), Vec::new());
    for (number, cookie) in live(jar, now) {
        match Written::of(&cookie, dialect).and_then(|cookie| serde_json::to_value(cookie).ok()) {
            Some(cookie) => cookies.push(cookie),
            None => left_out.push(LeftOut::unwritable(number, NOT_UTF8)),
        }
    }
    (cookies, left_out)
}
