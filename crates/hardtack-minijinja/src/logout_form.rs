use hardtack::Session;
use minijinja::Error;
use minijinja::value::{Kwargs, Value};

/// Returns the template function `logout_form(action="/logout", label="Log out")`.
///
/// The function returns a form and not a link, because a page on another site could request the URL of a link by
/// embedding it as an image. If the visitor is not logged in, the function returns an empty string.
pub(crate) fn logout_form<K: 'static>(session: &Session<K>) -> Value {
    let session = session.clone();
    Value::from_function(
        move |action: Option<String>, label: Option<String>, named: Kwargs| -> Result<Value, Error> {
            let action = action.or(named.get("action")?).unwrap_or_else(|| "/logout".to_owned());
            let label = label.or(named.get("label")?).unwrap_or_else(|| "Log out".to_owned());
            named.assert_all_used()?;
            if session.user().is_none() {
                return Ok(Value::from(""));
            }
            Ok(Value::from_safe_string(format!(
                r#"<form action="{}" method="post"><button>{}</button></form>"#,
                escape(&action),
                escape(&label)
            )))
        },
    )
}

/// Escapes text for an attribute or for content between tags. MiniJinja's own function also escapes each `/`, which
/// every path contains.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#x27;"),
            other => escaped.push(other),
        }
    }
    escaped
}
