use hardtack::Value;
use hardtack::protocol::Dictionary;
use serde_json::{Map, Value as Json, json};

use crate::output::{DIM, plain, styled};

/// Formats a session as a tree that shows the types, with one line per value.
pub(crate) fn lines(dictionary: &Dictionary) -> Vec<String> {
    let mut lines = Vec::new();
    for (key, text) in dictionary.iter() {
        match Value::from_text(text) {
            Ok(value) => add(&mut lines, 1, &plain(&*key), &value),
            Err(error) => lines.push(format!("  {}  {}", plain(&*key), styled(DIM, error))),
        }
    }
    lines
}

/// Formats a session as JSON: for each key, the type and the wire text of the value.
pub(crate) fn json(dictionary: &Dictionary) -> Json {
    let members = dictionary.iter().map(|(key, text)| {
        let kind = Value::from_text(text).map_or("broken", |value| kind(&value));
        (key.into_owned(), json!({ "type": kind, "text": text }))
    });
    Json::Object(members.collect::<Map<_, _>>())
}

/// Returns the Python name of a value's type.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "None",
        Value::Bool(_) => "bool",
        Value::Int(_) | Value::BigInt(_) => "int",
        Value::Float(_) => "float",
        Value::String(_) => "str",
        Value::Bytes(_) => "bytes",
        Value::List(_) => "list",
        Value::Tuple(_) => "tuple",
        Value::Dict(_) => "dict",
        Value::Markup(_) => "Markup",
        Value::Uuid(_) => "UUID",
        Value::DateTime(_) => "datetime",
        _ => "value",
    }
}

/// Adds the lines for a value and its members. The recursion is bounded, because the parser limits the nesting depth.
fn add(lines: &mut Vec<String>, depth: usize, label: &str, value: &Value) {
    let indent = "  ".repeat(depth);
    let kind = styled(DIM, kind(value));
    match value {
        Value::List(items) | Value::Tuple(items) if !items.is_empty() => {
            lines.push(format!("{indent}{label}  {kind}"));
            for (index, item) in items.iter().enumerate() {
                add(lines, depth + 1, &index.to_string(), item);
            }
        }
        Value::Dict(members) if !members.is_empty() => {
            lines.push(format!("{indent}{label}  {kind}"));
            for (key, member) in members {
                add(lines, depth + 1, &plain(key), member);
            }
        }
        _ => lines.push(format!("{indent}{label}  {kind}  {}", shown(value))),
    }
}

/// Formats a value without Flask's tag.
fn shown(value: &Value) -> String {
    match value {
        Value::List(_) => "[]".to_owned(),
        Value::Tuple(_) => "()".to_owned(),
        Value::Markup(markup) => Value::from(markup.as_str()).to_text(),
        Value::Uuid(uuid) => uuid.to_string(),
        Value::DateTime(time) => time.to_string(),
        Value::Bytes(bytes) => format!("{} bytes", bytes.len()),
        // This needs no escaping, because wire text is ASCII without control characters.
        other => other.to_text(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_shown_as_a_tree() {
        let text = r#"{"at":{" t":[1,{"x":"ä\u001b"}]},"b":{" b":"aGk="},"none":null,"odd":{" b":1}}"#;
        let dictionary = Dictionary::parse(text).unwrap();
        let lines: Vec<_> = lines(&dictionary)
            .iter()
            .map(|line| line.replace(|char| ('\u{fdd0}'..='\u{fdd5}').contains(&char), ""))
            .collect();
        assert_eq!(
            lines[..6],
            [
                "  at  tuple",
                "    0  int  1",
                "    1  dict",
                "      x  str  \"\\u00e4\\u001b\"",
                "  b  bytes  2 bytes",
                "  none  None  null"
            ]
        );
        assert!(lines[6].starts_with("  odd  "), "{lines:?}");
        assert_eq!(json(&dictionary)["odd"]["type"], "broken");
        assert_eq!(json(&dictionary)["at"]["type"], "tuple");
    }
}
