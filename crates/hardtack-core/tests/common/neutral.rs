//! The neutral form of Python values in the vectors: each value is an object with a `type` (see `vectors/README.md`).

#![allow(dead_code, reason = "each test that includes this module uses its own part of it")]

use hardtack_core::value::{BigInt, DateTime, Markup, Uuid, Value, from_text};
use serde::ser::{Error, Serialize, SerializeMap, SerializeTuple, Serializer};
use serde_json::{Value as Json, json};

/// The reason why a neutral value cannot be converted to a [`Value`].
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Unheld {
    /// The value has a type that only Python has.
    Type(String),
    /// The value has a supported type, but is outside the range of that type, in Python too.
    Range(String),
}

/// Returns the [`Value`] that a neutral value describes.
pub(crate) fn to_value(neutral: &Json) -> Result<Value, Unheld> {
    let kind = type_of(neutral);
    let unknown = || Unheld::Type(format!("{kind:?}, in a form that is not known here"));
    let text = || neutral["value"].as_str().ok_or_else(unknown);
    let items = || neutral["items"].as_array().ok_or_else(unknown);
    let range = |error: hardtack_core::Error| Unheld::Range(error.to_string());
    Ok(match kind {
        "none" => Value::Null,
        "bool" => Value::Bool(neutral["value"].as_bool().ok_or_else(unknown)?),
        "int" => Value::from(text()?.parse::<BigInt>().map_err(range)?),
        "float" => Value::Float(float_of(neutral).ok_or_else(unknown)?),
        "str" => Value::from(text()?),
        "bytes" => Value::Bytes(neutral["hex"].as_str().and_then(from_hex).ok_or_else(unknown)?),
        "list" => Value::List(items()?.iter().map(to_value).collect::<Result<_, _>>()?),
        "tuple" => Value::Tuple(items()?.iter().map(to_value).collect::<Result<_, _>>()?),
        "dict" => Value::Dict(items()?.iter().map(member).collect::<Result<_, _>>()?),
        "markup" => Value::Markup(Markup::new(text()?)),
        "uuid" => Value::Uuid(text()?.parse::<Uuid>().map_err(range)?),
        "datetime" => {
            let seconds = seconds_of(neutral).ok_or_else(unknown)?;
            Value::DateTime(DateTime::from_unix_seconds(seconds).map_err(range)?)
        }
        other => return Err(Unheld::Type(other.to_owned())),
    })
}

fn member(pair: &Json) -> Result<(String, Value), Unheld> {
    match (type_of(&pair[0]), pair[0]["value"].as_str()) {
        ("str", Some(key)) => Ok((key.to_owned(), to_value(&pair[1])?)),
        (other, _) => Err(Unheld::Type(format!("dict with a key of type {other}"))),
    }
}

/// Returns the neutral form of a [`Value`].
pub(crate) fn from_value(value: &Value) -> Json {
    let items = |items: &[Value]| items.iter().map(from_value).collect::<Vec<_>>();
    match value {
        Value::Null => json!({"type": "none"}),
        Value::Bool(value) => json!({"type": "bool", "value": value}),
        Value::Int(number) => json!({"type": "int", "value": number.to_string()}),
        Value::BigInt(number) => json!({"type": "int", "value": number.as_str()}),
        Value::Float(number) => {
            json!({"type": "float", "bits": format!("{:016x}", number.to_bits())})
        }
        Value::String(text) => json!({"type": "str", "value": text}),
        Value::Bytes(bytes) => json!({"type": "bytes", "hex": to_hex(bytes)}),
        Value::List(list) => json!({"type": "list", "items": items(list)}),
        Value::Tuple(tuple) => json!({"type": "tuple", "items": items(tuple)}),
        Value::Dict(dict) => {
            let pair =
                |(key, value): (&String, &Value)| json!([{"type": "str", "value": key}, from_value(value)]);
            json!({"type": "dict", "items": dict.iter().map(pair).collect::<Vec<_>>()})
        }
        Value::Markup(text) => json!({"type": "markup", "value": text.as_str()}),
        Value::Uuid(uuid) => json!({"type": "uuid", "value": uuid.to_string()}),
        Value::DateTime(date) => json!({"type": "datetime", "unix_seconds": date.unix_seconds()}),
        other => json!({"type": other.kind()}),
    }
}

/// Returns whether two neutral values are the same. Floats are compared bit for bit (except that all NaNs are equal),
/// dicts regardless of their order, and datetimes in whole seconds.
pub(crate) fn same(a: &Json, b: &Json) -> bool {
    let items = |value: &Json| value["items"].as_array().cloned().unwrap_or_default();
    if type_of(a) != type_of(b) {
        return false;
    }
    match type_of(a) {
        "float" => match (float_of(a), float_of(b)) {
            (Some(a), Some(b)) => a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()),
            _ => false,
        },
        "datetime" => seconds_of(a).is_some() && seconds_of(a) == seconds_of(b),
        "list" | "tuple" => {
            let (a, b) = (items(a), items(b));
            a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| same(a, b))
        }
        "dict" => {
            let (a, b) = (items(a), items(b));
            let find = |key: &Json| b.iter().find(|pair| same(&pair[0], key));
            a.len() == b.len()
                && a.iter().all(|pair| find(&pair[0]).is_some_and(|other| same(&pair[1], &other[1])))
        }
        "str_cp" => a["codepoints"] == b["codepoints"],
        "bytes" => a["hex"] == b["hex"],
        _ => a["value"] == b["value"],
    }
}

/// Searches a neutral value for one of these types, and returns the type that was found.
pub(crate) fn find_type(neutral: &Json, types: &[&str]) -> Option<String> {
    match neutral {
        Json::Object(object) => object
            .get("type")
            .and_then(Json::as_str)
            .filter(|found| types.contains(found))
            .map(str::to_owned)
            .or_else(|| object.values().find_map(|inner| find_type(inner, types))),
        Json::Array(items) => items.iter().find_map(|inner| find_type(inner, types)),
        _ => None,
    }
}

/// A neutral value that serializes as the value that it describes, with keys of every type.
pub(crate) struct Neutral<'a>(pub(crate) &'a Json);

impl Serialize for Neutral<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let items = self.0["items"].as_array().map(Vec::as_slice).unwrap_or_default();
        match type_of(self.0) {
            "list" => serializer.collect_seq(items.iter().map(Neutral)),
            "tuple" => {
                let mut tuple = serializer.serialize_tuple(items.len())?;
                for item in items {
                    tuple.serialize_element(&Neutral(item))?;
                }
                tuple.end()
            }
            "dict" => {
                let mut map = serializer.serialize_map(Some(items.len()))?;
                for pair in items {
                    map.serialize_entry(&Neutral(&pair[0]), &Neutral(&pair[1]))?;
                }
                map.end()
            }
            // Flask has no tag for a decimal, and writes it as a string.
            "decimal" => self.0["value"].serialize(serializer),
            _ => match to_value(self.0) {
                Ok(value) => value.serialize(serializer),
                Err(unheld) => Err(S::Error::custom(format!("{unheld:?}"))),
            },
        }
    }
}

/// The types that a [`Value`] supports.
const OURS: [&str; 12] =
    ["none", "bool", "int", "float", "str", "bytes", "list", "tuple", "dict", "markup", "uuid", "datetime"];

/// Searches a neutral value for a type that only Python has, or that this test does not recognize.
pub(crate) fn find_foreign(neutral: &Json) -> Option<String> {
    if !OURS.contains(&type_of(neutral)) {
        return Some(type_of(neutral).to_owned());
    }
    let items = neutral["items"].as_array().into_iter().flatten();
    items
        .flat_map(|item| item.as_array().map_or(std::slice::from_ref(item), Vec::as_slice))
        .find_map(find_foreign)
}

fn type_of(neutral: &Json) -> &str {
    neutral["type"].as_str().unwrap_or("nothing known")
}

fn float_of(neutral: &Json) -> Option<f64> {
    u64::from_str_radix(neutral["bits"].as_str()?, 16).ok().map(f64::from_bits)
}

fn seconds_of(neutral: &Json) -> Option<i64> {
    if let Some(seconds) = neutral["unix_seconds"].as_i64() {
        return Some(seconds);
    }
    let field = |place: usize| neutral["fields"][place].as_i64();
    let (year, month, day) = (field(0)?, field(1)?, field(2)?);
    let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let months = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let before_month = months.get(usize::try_from(month - 1).ok()?)?;
    let years = year - 1;
    let days = years * 365 + years / 4 - years / 100
        + years / 400
        + before_month
        + i64::from(month > 2 && leap(year))
        + day
        - 1;
    let offset = neutral["utcoffset_s"].as_i64().unwrap_or(0);
    Some((days - 719_162) * 86_400 + field(3)? * 3600 + field(4)? * 60 + field(5)? - offset)
}

pub(crate) fn from_hex(hex: &str) -> Option<Vec<u8>> {
    let digit = |place: usize| u8::from_str_radix(hex.get(place..place + 2)?, 16).ok();
    (0..hex.len()).step_by(2).map(digit).collect()
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads a session's values one by one, and compares them with the values that Flask loaded. Returns the difference as
/// the error.
pub(crate) fn compare_session(
    session: &hardtack_core::protocol::Dictionary,
    loaded: &Json,
) -> Result<(), String> {
    let expected = loaded["items"].as_array().ok_or("what Flask loaded is not a dict")?;
    let keys: Vec<String> = session.keys().map(|key| key.into_owned()).collect();
    if keys.len() != expected.len() {
        return Err(format!("{} keys instead of {}", keys.len(), expected.len()));
    }
    for pair in expected {
        let key = pair[0]["value"].as_str().ok_or("a key that is no text")?;
        let text = session.get(key).ok_or_else(|| format!("no key {key:?}"))?;
        match (from_text::<Value>(text), find_type(&pair[1], &["str_cp"])) {
            (Err(_), Some(_)) => {}
            // Python could not print an integer of this size for the vector. The result is correct if it is written
            // back unchanged.
            (Ok(value), _) if find_type(&pair[1], &["py"]).is_some() && value.to_text() == text => {}
            (Ok(value), None) if same(&from_value(&value), &pair[1]) => {}
            (Ok(value), _) => return Err(format!("{key:?} is {value:?} instead of {}", pair[1])),
            (Err(error), None) => return Err(format!("{key:?}: {error}")),
        }
    }
    Ok(())
}
