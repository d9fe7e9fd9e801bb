//! Writing JSON tokens as Python's `json` does with `ensure_ascii`.

use std::cmp::Ordering;
use std::fmt::Write;

use crate::value::Reader;

/// Appends a JSON string. Everything except printable ASCII is escaped, including DEL. Characters outside the BMP
/// become surrogate pairs.
pub(crate) fn write_string(string: &str, out: &mut String) {
    out.push('"');
    write_escaped(string, out);
    out.push('"');
}

/// Appends the characters of a string, without quotes.
fn write_escaped(string: &str, out: &mut String) {
    let mut rest = string;
    while let Some(plain) =
        rest.bytes().position(|byte| !matches!(byte, b' '..=b'~') || matches!(byte, b'"' | b'\\'))
    {
        out.push_str(&rest[..plain]);
        let mut chars = rest[plain..].chars();
        if let Some(c) = chars.next() {
            write_escape(c, out);
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
}

fn write_escape(c: char, out: &mut String) {
    match c {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{c}' => out.push_str("\\f"),
        '\u{8}' => out.push_str("\\b"),
        _ => {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.push_str("\\u");
                for shift in [12, 8, 4, 0] {
                    let digit = usize::from(*unit >> shift & 15);
                    out.push(char::from(b"0123456789abcdef"[digit]));
                }
            }
        }
    }
}

/// Appends a float in the form of Python's `repr`: the shortest digits that read back as the same float. Plain notation
/// is used if the decimal exponent is at least -4 and below 16. Otherwise, the exponent is written with at least two
/// digits.
pub(crate) fn write_float(float: f64, out: &mut String) {
    if float.is_nan() {
        return out.push_str("NaN");
    }
    if float.is_sign_negative() {
        out.push('-');
    }
    let size = float.abs();
    if size.is_infinite() {
        return out.push_str("Infinity");
    }
    if size == 0.0 {
        return out.push_str("0.0");
    }
    let scientific = shortest(size);
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    match exponent {
        -4..0 => {
            out.push_str("0.");
            out.extend(std::iter::repeat_n('0', (-exponent - 1).unsigned_abs() as usize));
            out.push_str(whole);
            out.push_str(fraction);
        }
        0..16 => {
            let point = exponent.unsigned_abs() as usize;
            out.push_str(whole);
            out.push_str(fraction.get(..point).unwrap_or(fraction));
            out.extend(std::iter::repeat_n('0', point.saturating_sub(fraction.len())));
            out.push('.');
            out.push_str(fraction.get(point..).filter(|rest| !rest.is_empty()).unwrap_or("0"));
        }
        _ => {
            out.push_str(mantissa);
            let sign = if exponent < 0 { '-' } else { '+' };
            // Writing to a `String` never fails.
            let _ = write!(out, "e{sign}{:02}", exponent.unsigned_abs());
        }
    }
}

/// Returns the shortest digits that read back as the same float, as `d.ddde±x`. If two candidates are equally close to
/// the float, the one with the even last digit is used.
fn shortest(size: f64) -> String {
    let scientific = format!("{size:e}");
    // Rust rounds a tie up, and Python rounds it to even. Two candidates of 16 digits or more may both read back as the
    // same float. Formatting to a fixed number of digits, however, rounds to even.
    let digits = scientific.find('e').unwrap_or(0).saturating_sub(1);
    if digits >= 16 {
        let even = format!("{size:.*e}", digits - 1);
        if even.parse() == Ok(size) {
            return even;
        }
    }
    scientific
}

/// Compares two strings that [`write_string`] wrote, with their quotes, by code point.
pub(crate) fn compare_escaped(a: &str, b: &str) -> Option<Ordering> {
    if !a.contains('\\') && !b.contains('\\') {
        // Compare without the quotes, because one string may be a prefix of the other.
        return Some(a[1..a.len() - 1].cmp(&b[1..b.len() - 1]));
    }
    let (a, b) = (Reader::new(a).string().ok()?, Reader::new(b).string().ok()?);
    Some(a.cmp(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_but_printable_ascii_is_escaped() {
        for (string, written) in [
            ("plain /~ ", r#""plain /~ ""#),
            ("\"\\\n\r\t\u{c}\u{8}", r#""\"\\\n\r\t\f\b""#),
            ("\0\u{1f}\u{7f}\u{80}\u{e9}", r#""\u0000\u001f\u007f\u0080\u00e9""#),
            ("a\u{2028}\u{1f600}b", r#""a\u2028\ud83d\ude00b""#),
        ] {
            let mut out = String::new();
            write_string(string, &mut out);
            assert_eq!(out, written);
        }
    }

    #[test]
    fn floats_have_the_form_of_pythons_repr() {
        for (float, written) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (-1.5, "-1.5"),
            (100.0, "100.0"),
            (123.456, "123.456"),
            (0.1, "0.1"),
            (0.30000000000000004, "0.30000000000000004"),
            (0.0001, "0.0001"),
            (0.00012, "0.00012"),
            (0.00001, "1e-05"),
            (1.5e-10, "1.5e-10"),
            (1e15, "1000000000000000.0"),
            (1234567890123456.0, "1234567890123456.0"),
            (1e16, "1e+16"),
            (1.2e22, "1.2e+22"),
            (6_889_034_050_125_833.0 / 4.0, "1722258512531458.2"),
            (6_889_034_050_125_835.0 / 4.0, "1722258512531458.8"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "Infinity"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            let mut out = String::new();
            write_float(float, &mut out);
            assert_eq!(out, written);
        }
    }
}
