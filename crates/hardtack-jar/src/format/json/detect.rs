//! Detects the format of a JSON file from the members of its outer object, or of the objects in its outer array. The
//! order of the members does not matter.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::cookie_store;
use crate::error::{Error, ErrorKind};
use crate::format::Format;

type Object<'a> = BTreeMap<String, &'a RawValue>;

/// Detects the format of JSON that begins with `{` or `[`.
pub(in crate::format) fn detect(text: &[u8]) -> Result<Format, Error> {
    if text.starts_with(b"[") {
        return array(&parse::<Vec<&RawValue>>(text)?);
    }
    // Old versions of `cookie_store` write one object per line, so the file is not a single JSON value.
    if let Some(Ok(first)) = serde_json::Deserializer::from_slice(text).into_iter::<Object<'_>>().next()
        && cookie_store::is_cookie(|name| first.contains_key(name))
    {
        return Ok(Format::CookieStore);
    }
    object(&parse(text)?)
}

fn parse<'a, T: Deserialize<'a>>(text: &'a [u8]) -> Result<T, Error> {
    serde_json::from_slice(text).map_err(|error| {
        // The original message may quote the file, so it is not included.
        let message = format!("this is invalid JSON: see line {}, column {}", error.line(), error.column());
        Error::new(ErrorKind::Format, message)
    })
}

fn object(members: &Object<'_>) -> Result<Format, Error> {
    let has = |name: &str| members.contains_key(name);
    let is_tough = || {
        has("storeType")
            || members.get("version").is_some_and(|version| version.get().starts_with("\"tough-cookie"))
    };
    if has("hardtack-jar") {
        Ok(Format::Whole)
    } else if has("log") {
        Ok(Format::Har)
    } else if has("__meta__") {
        Ok(Format::Httpie)
    } else if has("cookies") && is_tough() {
        Ok(Format::ToughCookie)
    } else if has("cookies") {
        Ok(Format::Playwright)
    } else {
        Err(no_cookies("it has neither `cookies` nor `log`"))
    }
}

/// Detects the format of an array from the first cookie that has a member or a `sameSite` word specific to one format.
/// If there is none, the format is `DevTools`. Fails if the array has elements, but no cookies.
fn array(elements: &[&RawValue]) -> Result<Format, Error> {
    let mut has_cookies = elements.is_empty();
    for element in elements {
        let Ok(members) = serde_json::from_str::<BTreeMap<String, Word>>(element.get()) else { continue };
        let has = |name: &str| members.contains_key(name);
        let says = |words: &[&str]| {
            members
                .get("sameSite")
                .and_then(|word| word.0.as_deref())
                .is_some_and(|word| words.contains(&word))
        };
        if cookie_store::is_cookie(has) {
            return Ok(Format::CookieStore);
        }
        if has("key") && has("value") && has("creation") {
            return Ok(Format::ToughCookie);
        }
        if !has("name") {
            continue;
        }
        has_cookies = true;
        if has("expirationDate")
            || has("storeId")
            || has("hostOnly")
            || says(&["no_restriction", "unspecified"])
        {
            return Ok(Format::CookieEditor);
        }
        if has("expiry") {
            return Ok(Format::Selenium);
        }
        if has("expires") || has("size") || has("session") || has("url") {
            return Ok(Format::DevTools);
        }
    }
    if has_cookies {
        Ok(Format::DevTools)
    } else {
        Err(no_cookies("nothing in the array has a `name` and a `value`"))
    }
}

fn no_cookies(why: &str) -> Error {
    Error::new(ErrorKind::Format, format!("this is JSON without cookies: {why}"))
}

/// A member's value if it is a string, or `None` for other values.
struct Word(Option<String>);

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Any {
            Text(String),
            Other(IgnoredAny),
        }
        Ok(match Any::deserialize(deserializer)? {
            Any::Text(text) => Self(Some(text)),
            Any::Other(_) => Self(None),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_members_does_not_matter() {
        for (text, expected) in [
            (r#"{"cookies": [], "hardtack-jar": 1}"#, "whole"),
            (r#"{"hardtack-jar": 1, "cookies": []}"#, "whole"),
            (r#"{"a": {}, "log": {"entries": []}}"#, "har"),
            (r#"{"headers": {}, "cookies": {}, "__meta__": {}}"#, "httpie"),
            (r#"{"cookies": [], "version": "tough-cookie@6.1.0"}"#, "tough-cookie"),
            (r#"{"storeType": "MemoryCookieStore", "cookies": []}"#, "tough-cookie"),
            (r#"{"origins": [], "cookies": []}"#, "playwright"),
            (r#"{"url": "https://example.com", "cookies": []}"#, "playwright"),
            ("[]", "devtools"),
            (r#"[{"value": "1", "name": "a"}]"#, "devtools"),
            (r#"[{"name": "a", "sameSite": "Lax"}, {"name": "b", "expiry": 1}]"#, "selenium"),
            (r#"[{"name": "a", "sameSite": "no_restriction"}]"#, "cookie-editor"),
            (r#"[{"name": "a", "hostOnly": true, "expires": 1}]"#, "cookie-editor"),
            (r#"[{"raw_cookie": "a=1", "path": ["/", true], "domain": {}, "expires": {}}]"#, "cookie-store"),
            (
                "{\"raw_cookie\": \"a=1\", \"path\": 1, \"domain\": 1, \"expires\": 1}\n{\"raw_cookie\": \"b=1\"}",
                "cookie-store",
            ),
            (r#"[{"key": "a", "value": "1", "creation": "2024-02-29T12:00:00.000Z"}]"#, "tough-cookie"),
        ] {
            assert_eq!(detect(text.as_bytes()).map(Format::name).ok(), Some(expected), "{text}");
        }
        for (text, expected) in [
            (r#"{"name": "hardtack", "version": "1.0.0"}"#, "this is JSON without cookies"),
            (r#"[1, "a", {}]"#, "this is JSON without cookies"),
            (r#"{"cookies": ["#, "this is invalid JSON: see line 1"),
        ] {
            let error = detect(text.as_bytes()).expect_err(text).to_string();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
