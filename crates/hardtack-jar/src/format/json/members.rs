//! Reads the members of a JSON object leniently. An error about a member names the member.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value as Json};

use crate::error::{Error, ErrorKind};

/// The reason why an object cannot be read as a cookie. It may name a member, but never shows the member's value.
pub(super) type Problem = Cow<'static, str>;

/// A JSON object. A `null` member is treated as missing.
pub(super) struct Members(Map<String, Json>);

impl Members {
    pub(super) fn of(raw: &RawValue) -> Result<Self, Problem> {
        match serde_json::from_str(raw.get()) {
            Ok(Json::Object(members)) => Ok(Self(members)),
            Ok(_) => Err("it is not a JSON object".into()),
            Err(_) => Err("it has an escape sequence that is not Unicode".into()),
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Json> {
        self.0.get(name).filter(|member| !member.is_null())
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, Problem> {
        self.get(name).map(|member| member.as_str().ok_or_else(|| is_not(name, "text"))).transpose()
    }

    pub(super) fn required_text(&self, name: &str) -> Result<&str, Problem> {
        self.text(name)?.ok_or_else(|| is_missing(name))
    }

    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, Problem> {
        let Some(member) = self.get(name) else { return Ok(None) };
        match member {
            Json::Bool(flag) => Ok(Some(*flag)),
            Json::Number(number) if number.as_u64() == Some(0) => Ok(Some(false)),
            Json::Number(number) if number.as_u64() == Some(1) => Ok(Some(true)),
            Json::String(text) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
            Json::String(text) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
            _ => Err(is_not(name, "true or false")),
        }
    }

    pub(super) fn integer(&self, name: &str) -> Result<Option<i64>, Problem> {
        self.get(name).map(|member| member.as_i64().ok_or_else(|| is_not(name, "an integer"))).transpose()
    }
}

pub(super) fn is_missing(name: &str) -> Problem {
    format!("`{name}` is missing").into()
}

/// Returns an error such as "`expires` is not a number".
pub(super) fn is_not(name: &str, what: &str) -> Problem {
    format!("`{name}` is not {what}").into()
}

/// Parses the outer structure of a file. The error consists of `what`, which names the expected structure, and the
/// position.
pub(super) fn from_json<'a, T: Deserialize<'a>>(text: &'a [u8], what: &'static str) -> Result<T, Error> {
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
    serde_json::from_slice(text).map_err(|error| {
        // The original message may quote the file, so it is not included.
        let message = format!("{what}: see line {}, column {}", error.line(), error.column());
        Error::new(ErrorKind::Format, message)
    })
}

/// Returns all members of a file except `cookies`, for [`Imported::rest`](crate::Imported::rest).
pub(super) fn rest_of(text: &[u8], what: &'static str) -> Result<Box<str>, Error> {
    let mut rest: Map<String, Json> = from_json(text, what)?;
    rest.remove("cookies");
    Ok(Json::from(rest).to_string().into())
}

/// Returns the text of a file with these cookies, and with the other members, which [`rest_of`] returned.
pub(super) fn with_rest(rest: &str, cookies: Vec<Json>) -> Result<String, Error> {
    let mut file: Map<String, Json> = serde_json::from_str(rest).map_err(|_| {
        Error::new(
            ErrorKind::Format,
            "the rest should be what `Imported::rest` returned for a file of this format",
        )
    })?;
    file.insert("cookies".to_owned(), cookies.into());
    Ok(format!("{:#}\n", Json::from(file)))
}
