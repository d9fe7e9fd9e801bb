use serde::de::IgnoredAny;

use crate::value::{Python, from_text};

/// Returns the result of Python's `bool()` for a value, given its wire text.
///
/// Zero, all empty values, `false`, and `null` are false, including inside a tag. Text that cannot be read is also
/// false.
///
/// ```
/// use hardtack_core::value::is_truthy;
///
/// assert!(is_truthy("true") && is_truthy("[0]") && is_truthy(r#""false""#));
/// assert!(!is_truthy("-0.0") && !is_truthy(r#"{" t":[]}"#) && !is_truthy(r#"{" b":""}"#));
/// ```
pub fn is_truthy(text: &str) -> bool {
    match text {
        "true" => true,
        "false" => false,
        _ => Python::read(text).is_ok_and(|value| value.is_truthy()),
    }
}

/// Returns whether Flask is unable to read a value's wire text. Flask responds with a 500 if a session contains such a
/// value.
///
/// ```
/// use hardtack_core::value::breaks_flask;
///
/// assert!(breaks_flask(r#"{" t":5}"#) && breaks_flask("[01]"));
/// assert!(!breaks_flask(r#"{" t":{"a":1}}"#));
/// assert!(!breaks_flask(r#""half a pair \ud800""#), "what no Rust string can hold is text to Python");
/// ```
pub fn breaks_flask(text: &str) -> bool {
    from_text::<IgnoredAny>(text).is_err() && Python::read(text).is_err_and(|fault| !fault.is_ours())
}
