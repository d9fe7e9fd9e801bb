//! An array of cookies, as the DevTools protocol, Puppeteer and browser extensions have it.

use std::time::SystemTime;

use serde_json::Value as Json;
use serde_json::value::RawValue;

use super::browser_json::{Dialect, NOT_UTF8, Read, Written, from_json};
use super::reading::Reading;
use super::transfer::{Exported, LeftOut, Place, live};
use crate::error::Error;
use crate::jar::Jar;

pub(super) fn read(text: &[u8], now: SystemTime) -> Result<Reading<'static>, Error> {
    let cookies: Vec<&RawValue> = from_json(text, "this should be a JSON array of cookies")?;
    let mut reading = Reading::default();
    read_all(&mut reading, &cookies, now);
    Ok(reading)
}

/// Each by itself, so that a bad one harms no other.
pub(super) fn read_all(reading: &mut Reading<'_>, cookies: &[&RawValue], now: SystemTime) {
    for (index, cookie) in cookies.iter().enumerate() {
        let place = Place::Cookie(index + 1);
        match serde_json::from_str::<Read>(cookie.get()) {
            Err(_) => reading.unreadable(place, "it has not the members of a cookie"),
            Ok(read) => match read.record(now) {
                Ok(record) => reading.record(place, record.into_owned(), Vec::new()),
                Err(why) => reading.unreadable(place, why),
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
        match Written::of(&cookie, dialect).and_then(|written| serde_json::to_value(written).ok()) {
            Some(written) => cookies.push(written),
            None => left_out.push(LeftOut::unwritable(number, &cookie, NOT_UTF8)),
        }
    }
    (cookies, left_out)
}
