//! Python's text forms of values: `str()` and `repr()`.

use crate::value::python_json::date_parse::Local;
use crate::value::python_json::python::Python;
use crate::value::text::write::write_float;

/// Returns Python's `str()` of a value.
pub(crate) fn str(value: Python) -> String {
    match value {
        Python::String(text) | Python::Markup(text) => text,
        Python::Uuid(uuid) => uuid.to_string(),
        Python::DateTime(local) => local.to_string(),
        other => {
            let mut out = String::new();
            repr(&other, &mut out);
            out
        }
    }
}

/// Appends Python's `repr()` of a value.
fn repr(value: &Python, out: &mut String) {
    match value {
        Python::None => out.push_str("None"),
        Python::Bool(true) => out.push_str("True"),
        Python::Bool(false) => out.push_str("False"),
        Python::Int(number) => out.push_str(&number.to_string()),
        Python::BigInt(number) => out.push_str(number.as_str()),
        Python::Float(number) if number.is_nan() => out.push_str("nan"),
        Python::Float(f64::INFINITY) => out.push_str("inf"),
        Python::Float(f64::NEG_INFINITY) => out.push_str("-inf"),
        Python::Float(number) => write_float(*number, out),
        Python::String(text) => repr_str(text, out),
        Python::Bytes(bytes) => repr_bytes(bytes, out),
        Python::List(items) => {
            out.push('[');
            repr_items(items, out);
            out.push(']');
        }
        Python::Tuple(items) => {
            out.push('(');
            repr_items(items, out);
            out.push_str(if items.len() == 1 { ",)" } else { ")" });
        }
        Python::Dict(members) => {
            out.push('{');
            for (place, (key, value)) in members.iter().enumerate() {
                out.push_str(if place > 0 { ", " } else { "" });
                repr_str(key, out);
                out.push_str(": ");
                repr(value, out);
            }
            out.push('}');
        }
        Python::Markup(text) => {
            out.push_str("Markup(");
            repr_str(text, out);
            out.push(')');
        }
        Python::Uuid(uuid) => out.push_str(&format!("UUID('{uuid}')")),
        Python::DateTime(local) => repr_datetime(*local, out),
    }
}

fn repr_items(items: &[Python], out: &mut String) {
    for (place, item) in items.iter().enumerate() {
        out.push_str(if place > 0 { ", " } else { "" });
        repr(item, out);
    }
}

fn repr_str(text: &str, out: &mut String) {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    out.push(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            _ if c == quote => out.extend(['\\', c]),
            ' '..='~' => out.push(c),
            _ if is_printable(c) => out.push(c),
            ..='\u{ff}' => out.push_str(&format!("\\x{:02x}", u32::from(c))),
            ..='\u{ffff}' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            _ => out.push_str(&format!("\\U{:08x}", u32::from(c))),
        }
    }
    out.push(quote);
}

/// Returns Python's `str.isprintable` of a character. Rust's debug output escapes the same categories. It also escapes
/// combining marks, but only if nothing precedes them.
fn is_printable(c: char) -> bool {
    let mut text = String::from("a");
    text.push(c);
    !text.escape_debug().skip(1).eq(c.escape_unicode())
}

fn repr_bytes(bytes: &[u8], out: &mut String) {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { b'"' } else { b'\'' };
    out.extend(['b', char::from(quote)]);
    for &byte in bytes {
        match byte {
            b'\\' => out.push_str("\\\\"),
            b'\t' => out.push_str("\\t"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            _ if byte == quote => out.extend(['\\', char::from(byte)]),
            b' '..=b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out.push(char::from(quote));
}

fn repr_datetime(local: Local, out: &mut String) {
    let [year, month, day, hour, minute, second] = local.fields();
    out.push_str(&format!("datetime.datetime({year}, {month}, {day}, {hour}, {minute}"));
    if second != 0 {
        out.push_str(&format!(", {second}"));
    }
    out.push_str(", tzinfo=datetime.timezone");
    let (days, seconds) = (local.offset().div_euclid(86_400), local.offset().rem_euclid(86_400));
    out.push_str(&match (days, seconds) {
        (0, 0) => ".utc)".to_owned(),
        (0, _) => format!("(datetime.timedelta(seconds={seconds})))"),
        (_, 0) => format!("(datetime.timedelta(days={days})))"),
        _ => format!("(datetime.timedelta(days={days}, seconds={seconds})))"),
    });
}
