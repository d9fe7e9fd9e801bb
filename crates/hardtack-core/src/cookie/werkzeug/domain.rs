use crate::{Error, ErrorKind};

/// Encodes a domain as Werkzeug does: cuts it at the first `:`, strips leading dots, and applies Python's `idna` codec.
///
/// This codec is IDNA 2003 (RFC 3490, section 4.1). ASCII domains pass unchanged, regardless of their characters, as
/// long as no label is empty or longer than 63 bytes. Other domains are converted only if lower-casing is sufficient to
/// prepare them. A domain that needs Unicode's compatibility tables is rejected.
pub(crate) fn encode_domain(domain: &str) -> Result<String, Error> {
    let host = domain.split(':').next().unwrap_or_default().trim_start_matches('.');
    if host.is_ascii() {
        check_labels(host)?;
        return Ok(host.to_owned());
    }
    let host = host.replace(['\u{3002}', '\u{FF0E}', '\u{FF61}'], ".");
    let labels = host.split('.').map(encode_label).collect::<Result<Vec<_>, _>>()?;
    let encoded = labels.join(".");
    check_labels(&encoded)?;
    Ok(encoded)
}

/// Checks the length of each label. The last label may be empty: a trailing dot is kept.
fn check_labels(host: &str) -> Result<(), Error> {
    let last = host.rfind('.').map_or(0, |dot| dot + 1);
    let bad = |label: &str| label.is_empty() || label.len() > 63;
    if host[..last].split_terminator('.').any(bad) || host.len() - last > 63 {
        return Err(refused(
            "has a label that is empty or longer than 63 bytes: write a host name such as `example.com`",
        ));
    }
    Ok(())
}

fn encode_label(label: &str) -> Result<String, Error> {
    if label.is_ascii() {
        return Ok(label.to_owned());
    }
    if label.chars().any(needs_tables) {
        return Err(refused("needs Unicode normalization: write it in Punycode, as `xn--…`"));
    }
    let prepared = label.to_lowercase().replace('ß', "ss").replace('ς', "σ").replace('\u{AD}', "");
    if prepared.is_ascii() {
        return Ok(prepared);
    }
    punycode(&prepared)
        .map(|tail| format!("xn--{tail}"))
        .filter(|_| !prepared.starts_with("xn--"))
        .ok_or_else(|| refused("cannot be encoded: write it in Punycode, as `xn--…`"))
}

/// Returns whether Nameprep (RFC 3491) may map a character by its tables, forbid it, or combine it. These are the
/// blocks with compatibility forms or combining marks, right-to-left scripts, and characters for which lower-casing is
/// not sufficient.
const fn needs_tables(char: char) -> bool {
    matches!(char,
        '\u{80}'..='\u{AC}' | '\u{AE}'..='\u{B6}' | '\u{B8}'..='\u{BF}' | '\u{130}'..='\u{133}' | '\u{13F}' | '\u{140}'
        | '\u{149}' | '\u{17F}' | '\u{1C4}'..='\u{1CC}' | '\u{1F1}'..='\u{1F3}' | '\u{2B0}'..='\u{37A}'
        | '\u{37E}'..='\u{385}' | '\u{387}' | '\u{3D0}'..='\u{3FF}' | '\u{483}'..='\u{489}' | '\u{587}'..='\u{1DFF}'
        | '\u{1E9A}'..='\u{1E9F}' | '\u{1F00}'..='\u{218F}' | '\u{2460}'..='\u{24FF}' | '\u{2A00}'..='\u{2FFF}'
        | '\u{3000}' | '\u{302A}'..='\u{30A0}' | '\u{30FF}'..='\u{33FF}' | '\u{A640}'..='\u{ABFF}'
        | '\u{D7A4}'..='\u{FFFF}' | '\u{1D000}'..='\u{1F2FF}' | '\u{20000}'..='\u{10FFFF}')
}

/// Encodes a label as Punycode (RFC 3492, section 6.3). Returns `None` if the numbers overflow.
fn punycode(label: &str) -> Option<String> {
    const BASE: u32 = 36;
    const T_MIN: u32 = 1;
    const T_MAX: u32 = 26;
    let mut out: String = label.chars().filter(char::is_ascii).collect();
    let basic = u32::try_from(out.len()).ok()?;
    let mut handled = basic;
    if basic > 0 {
        out.push('-');
    }
    let (mut n, mut delta, mut bias) = (128_u32, 0_u32, 72_u32);
    let mut points: Vec<u32> = label.chars().map(u32::from).filter(|&point| point >= n).collect();
    points.sort_unstable();
    points.dedup();
    for next in points {
        delta = delta.checked_add((next - n).checked_mul(handled + 1)?)?;
        n = next;
        for point in label.chars().map(u32::from) {
            if point < n {
                delta = delta.checked_add(1)?;
            }
            if point != n {
                continue;
            }
            let mut rest = delta;
            for k in (BASE..).step_by(BASE as usize) {
                let threshold = k.saturating_sub(bias).clamp(T_MIN, T_MAX);
                if rest < threshold {
                    break;
                }
                out.push(digit(threshold + (rest - threshold) % (BASE - threshold)));
                rest = (rest - threshold) / (BASE - threshold);
            }
            out.push(digit(rest));
            bias = adapt(delta, handled + 1, handled == basic);
            delta = 0;
            handled += 1;
        }
        delta = delta.checked_add(1)?;
        n += 1;
    }
    return Some(out);

    fn digit(value: u32) -> char {
        char::from_digit(value, BASE).map_or('9', |digit| match digit {
            // The digits of Punycode are `a` to `z` and then `0` to `9`, whereas the digits of base 36 begin with `0`.
            '0'..='9' => char::from(digit as u8 - b'0' + b'a'),
            'a'..='p' => char::from(digit as u8 - b'a' + b'k'),
            _ => char::from(digit as u8 - b'q' + b'0'),
        })
    }

    fn adapt(delta: u32, points: u32, first: bool) -> u32 {
        let mut delta = if first { delta / 700 } else { delta / 2 };
        delta += delta / points;
        let mut k = 0;
        while delta > ((BASE - T_MIN) * T_MAX) / 2 {
            delta /= BASE - T_MIN;
            k += BASE;
        }
        k + (BASE - T_MIN + 1) * delta / (delta + 38)
    }
}

fn refused(why: &str) -> Error {
    Error::new(ErrorKind::Cookie, format!("a cookie's domain {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ascii_passes_without_dots_and_port() {
        for (given, written) in [
            ("..a.com", "a.com"),
            ("A.com:80", "A.com"),
            ("", ""),
            ("a.", "a."),
            ("[::1]", "["),
            ("a b;c", "a b;c"),
        ] {
            assert_eq!(encode_domain(given).expect("a domain"), written);
        }
    }

    #[test]
    fn empty_and_long_labels_are_refused() {
        let long = format!("{}.com", "a".repeat(64));
        for given in ["a..b", "a..", &long, "é..b"] {
            assert!(encode_domain(given).is_err(), "{given}");
        }
    }

    #[test]
    fn names_in_other_scripts_become_punycode() {
        for (given, written) in [
            ("BÜCHER.de", "xn--bcher-kva.de"),
            ("faß.de", "fass.de"),
            ("\u{2603}.example", "xn--n3h.example"),
            ("😀.com", "xn--e28h.com"),
            ("日本語。jp", "xn--wgv71a119e.jp"),
            ("пример.рф", "xn--e1afmkfd.xn--p1ai"),
        ] {
            assert_eq!(encode_domain(given).expect("a domain"), written);
        }
    }

    #[test]
    fn names_that_need_tables_are_refused() {
        for given in ["ｅｘ.com", "e\u{301}.com", "ﬁ.com", "™.com"] {
            assert!(encode_domain(given).is_err(), "{given}");
        }
    }
}
