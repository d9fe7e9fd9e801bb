//! The contents of a file other than cookies.

use hardtack_jar::Format;
use serde_json::{Map, Value as Json};

/// Names the rest of a file (`Imported::rest`) for messages. Returns `None` if there is nothing worth mentioning.
pub(super) fn of(format: Format, rest: &str) -> Option<&'static str> {
    let what = match format {
        Format::Netscape | Format::Wget | Format::Python => return Some("its comments"),
        Format::Playwright => "its `localStorage` and other data",
        Format::Httpie => "its headers and authentication",
        // The rest of a tough-cookie jar is only its settings.
        _ => return None,
    };
    let members: Map<String, Json> = serde_json::from_str(rest).unwrap_or_default();
    members.iter().any(|(name, value)| name != "__meta__" && !is_empty(value)).then_some(what)
}

/// Returns whether a value contains nothing at any depth. Without authentication, HTTPie writes `{"type": null}`.
fn is_empty(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::String(text) => text.is_empty(),
        Json::Array(values) => values.is_empty(),
        Json::Object(members) => members.values().all(is_empty),
        Json::Bool(_) | Json::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_rest_is_not_mentioned() {
        assert_eq!(of(Format::Playwright, r#"{"origins": []}"#), None);
        assert!(of(Format::Playwright, r#"{"origins": [{"origin": "https://a.example"}]}"#).is_some());
        let session = r#"{"__meta__": {"httpie": "3"}, "auth": {"type": null}, "headers": []}"#;
        assert_eq!(of(Format::Httpie, session), None);
        assert!(of(Format::Httpie, r#"{"headers": [{"name": "X-Key"}]}"#).is_some());
    }
}
