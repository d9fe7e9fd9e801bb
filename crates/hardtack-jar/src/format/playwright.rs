//! Playwright's storage state: cookies, and what else a page has stored, which is kept as it is.

use std::time::SystemTime;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value as Json};

use super::browser_json::{Dialect, from_json};
use super::devtools::{read_all, written};
use super::reading::Reading;
use super::transfer::Exported;
use crate::error::{Error, ErrorKind};
use crate::jar::Jar;

#[derive(Deserialize)]
struct State<'a> {
    #[serde(borrow)]
    cookies: Vec<&'a RawValue>,
}

pub(super) fn read(text: &[u8], now: SystemTime) -> Result<Reading<'static>, Error> {
    const WHAT: &str = "this should be a storage state, a JSON object with `cookies`";
    let state: State<'_> = from_json(text, WHAT)?;
    let mut rest: Map<String, Json> = from_json(text, WHAT)?;
    rest.remove("cookies");
    let mut reading = Reading::default();
    reading.rest = Some(Json::from(rest).to_string().into());
    read_all(&mut reading, &state.cookies, now);
    Ok(reading)
}

pub(super) fn write(jar: &Jar, rest: Option<&str>, now: SystemTime) -> Result<Exported, Error> {
    let rest = rest.unwrap_or(r#"{"origins":[]}"#);
    let mut state: Map<String, Json> = serde_json::from_str(rest).map_err(|error| {
        Error::new(ErrorKind::Format, "the rest should be what `Imported::rest` gave").with_source(error)
    })?;
    let (cookies, left_out) = written(jar, Dialect::Playwright, now);
    state.insert("cookies".to_owned(), cookies.into());
    Ok(Exported { text: format!("{:#}\n", Json::from(state)).into_bytes(), left_out })
}
