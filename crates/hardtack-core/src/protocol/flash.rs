use std::collections::HashMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::protocol::Updated;
use crate::value::{self, Value, skip_space, value_end};

/// The session key under which Flask stores messages for the next page.
pub const FLASHES_KEY: &str = "_flashes";

/// The category of a message for which none is specified.
pub const DEFAULT_CATEGORY: &str = "message";

/// The maximum number of waiting messages. If another message is added, the oldest one is dropped.
///
/// A page shows only a few messages. Without a limit, the session of a visitor who never opens such a page would grow
/// without bound.
pub const MAX_FLASHES: usize = 64;

/// A message for the next page that the application renders.
///
/// On the wire, a message has Flask's format: a tuple of category and message, in a list under `_flashes`.
///
/// ```
/// use hardtack_core::protocol::{Flash, Updated, add_flash, drop_flashes, read_flashes};
///
/// let saved = Flash::new("message", "Saved.");
/// let Updated::Set(waiting) = add_flash(None, &saved) else { panic!("one waits") };
/// assert_eq!(&*waiting, r#"[{" t":["message","Saved."]}]"#);
///
/// let shown = read_flashes(Some(&waiting));
/// assert_eq!(shown, [saved]);
/// assert_eq!(drop_flashes(Some(&waiting), &shown), Updated::Removed);
/// ```
///
/// In Flask, an application can flash any value, such as the errors of a form. A category or message that is not a
/// string is preserved unchanged in the session, and is read as its JSON text.
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Flash {
    /// The category, such as `"error"`. The default is `"message"`.
    pub category: String,
    /// The text of the message.
    pub message: String,
}

/// Adds a message after the waiting messages, and drops the oldest ones beyond [`MAX_FLASHES`].
///
/// The remaining messages are copied byte for byte, including items that this program cannot read as messages.
pub fn add_flash(waiting: Option<&str>, flash: &Flash) -> Updated {
    let Ok(new) = value::to_text(flash) else { return Updated::Kept };
    let items = items(waiting);
    let oldest = (items.len() + 1).saturating_sub(MAX_FLASHES);
    list(items.into_iter().skip(oldest).chain([new.as_str()]))
}

/// Removes exactly the messages that were `shown`. Messages that were added in the meantime stay, and so do items that
/// are not messages.
pub fn drop_flashes(waiting: Option<&str>, shown: &[Flash]) -> Updated {
    let mut times: HashMap<&Flash, usize> = HashMap::with_capacity(shown.len());
    for flash in shown {
        *times.entry(flash).or_default() += 1;
    }
    let Some(items) = waiting.and_then(split) else { return Updated::Kept };
    let before = items.len();
    let stays = |item: &&str| match Flash::read(item).and_then(|flash| times.get_mut(&flash)) {
        Some(left) if *left > 0 => {
            *left -= 1;
            false
        }
        _ => true,
    };
    let left: Vec<&str> = items.into_iter().filter(stays).collect();
    match left.len() {
        0 => Updated::Removed,
        same if same == before => Updated::Kept,
        _ => list(left.into_iter()),
    }
}

/// Returns the waiting messages, oldest first. Items that are not messages are skipped, and a value that is not a list
/// contains no messages.
pub fn read_flashes(waiting: Option<&str>) -> Vec<Flash> {
    items(waiting).into_iter().filter_map(Flash::read).collect()
}

/// Returns the number of waiting items, including those that this program cannot read as a message.
pub fn count_flashes(waiting: Option<&str>) -> usize {
    items(waiting).len()
}

impl Flash {
    /// Creates a message. The category comes first, as on the wire.
    pub fn new(category: impl Into<String>, message: impl Into<String>) -> Self {
        Self { category: category.into(), message: message.into() }
    }

    /// Reads one item of the list, which is a tuple or list of two elements.
    fn read(item: &str) -> Option<Self> {
        let (category, message): (Value, Value) = value::from_text(item).ok()?;
        Some(Self { category: shown(category), message: shown(message) })
    }
}

/// Converts a value to a string: a string is used as it is, and any other value is written as its JSON.
fn shown(value: Value) -> String {
    match value {
        Value::String(text) => text,
        Value::Markup(html) => html.into_string(),
        Value::Uuid(id) => id.to_string(),
        Value::DateTime(moment) => moment.to_string(),
        other => untagged(other).to_text(),
    }
}

/// Converts a value to the types of plain JSON, so that a page never shows a tuple's tag.
fn untagged(value: Value) -> Value {
    match value {
        Value::List(items) | Value::Tuple(items) => Value::List(items.into_iter().map(untagged).collect()),
        Value::Dict(members) => {
            Value::Dict(members.into_iter().map(|(key, member)| (key, untagged(member))).collect())
        }
        Value::Markup(_) | Value::Uuid(_) | Value::DateTime(_) => Value::String(shown(value)),
        other => other,
    }
}

/// Returns the wire text of each item of a list, without reading the items. A value that is not a list has no items.
fn items(list: Option<&str>) -> Vec<&str> {
    list.and_then(split).unwrap_or_default()
}

fn split(text: &str) -> Option<Vec<&str>> {
    let bytes = text.as_bytes();
    let mut at = skip_space(bytes, 0);
    if bytes.get(at) != Some(&b'[') {
        return None;
    }
    let mut items = Vec::new();
    at = skip_space(bytes, at + 1);
    if bytes.get(at) == Some(&b']') {
        return Some(items);
    }
    loop {
        let end = value_end(bytes, at)?;
        items.push(text.get(at..end)?);
        at = skip_space(bytes, end);
        match bytes.get(at)? {
            b',' => at = skip_space(bytes, at + 1),
            b']' => return Some(items),
            _ => return None,
        }
    }
}

fn list<'a>(items: impl Iterator<Item = &'a str>) -> Updated {
    let mut text = String::from("[");
    for item in items {
        if text.len() > 1 {
            text.push(',');
        }
        text.push_str(item);
    }
    text.push(']');
    Updated::Set(text)
}

/// Omits the message, which may contain text that a visitor typed.
impl fmt::Debug for Flash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flash").field("category", &self.category).finish_non_exhaustive()
    }
}

impl Serialize for Flash {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (&self.category, &self.message).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Flash {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (category, message) = Deserialize::deserialize(deserializer)?;
        Ok(Self { category, message })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flash(category: &str, message: &str) -> Flash {
        Flash { category: category.into(), message: message.into() }
    }

    fn text(updated: Updated) -> Option<String> {
        match updated {
            Updated::Set(text) => Some(text),
            Updated::Kept | Updated::Removed | Updated::Failed => None,
        }
    }

    #[test]
    fn debug_shows_no_message() {
        assert_eq!(format!("{:?}", flash("error", "hunter2")), r#"Flash { category: "error", .. }"#);
    }

    #[test]
    fn messages_are_kept_as_flask_keeps_them() {
        let one = text(add_flash(None, &flash("message", "hi"))).unwrap();
        assert_eq!(&*one, r#"[{" t":["message","hi"]}]"#);
        let two = text(add_flash(Some(&one), &flash("error", "bad"))).unwrap();
        assert_eq!(read_flashes(Some(&two)), [flash("message", "hi"), flash("error", "bad")]);
    }

    #[test]
    fn only_shown_messages_go() {
        let one = text(add_flash(None, &flash("message", "hi"))).unwrap();
        let two = text(add_flash(Some(&one), &flash("message", "late"))).unwrap();
        let left = text(drop_flashes(Some(&two), &read_flashes(Some(&one)))).unwrap();
        assert_eq!(read_flashes(Some(&left)), [flash("message", "late")]);
        assert_eq!(drop_flashes(Some(&one), &read_flashes(Some(&one))), Updated::Removed);
    }

    #[test]
    fn lists_in_place_of_tuples_are_read_too() {
        assert_eq!(read_flashes(Some(r#"[["message","hi"]]"#)), [flash("message", "hi")]);
        assert_eq!(read_flashes(Some("7")), []);
    }

    #[test]
    fn a_message_that_is_no_string_is_shown_as_its_json_and_hides_no_other() {
        let waiting = concat!(
            r#"[{" t":["message","first"]},{" t":["error",{"name":["Required"]}]},{" t":["error",["a",1]]},"#,
            r#"{" t":["error",{" t":[1,2]}]},{" t":["message",7]},{" t":["message",null]},{" t":[null,"hi"]},"#,
            r#"{" t":["message",{" m":"<b>bold</b>"}]},{" t":["message","last"]}]"#
        );
        let pairs = [
            ("message", "first"),
            ("error", r#"{"name":["Required"]}"#),
            ("error", r#"["a",1]"#),
            ("error", "[1,2]"),
            ("message", "7"),
            ("message", "null"),
            ("null", "hi"),
            ("message", "<b>bold</b>"),
            ("message", "last"),
        ];
        let shown = read_flashes(Some(waiting));
        assert_eq!(shown, pairs.map(|(category, message)| flash(category, message)));
        assert_eq!(drop_flashes(Some(waiting), &shown), Updated::Removed);
        let more = text(add_flash(Some(waiting), &flash("message", "new"))).unwrap();
        assert_eq!(more, format!(r#"{},{{" t":["message","new"]}}]"#, waiting.strip_suffix(']').unwrap()));
    }

    #[test]
    fn what_is_no_message_is_neither_shown_nor_lost() {
        let waiting = r#"[7,{" t":["message","hi"]},["one"],{" u":"broken"}]"#;
        let shown = read_flashes(Some(waiting));
        assert_eq!(shown, [flash("message", "hi")]);
        let left = text(drop_flashes(Some(waiting), &shown)).unwrap();
        assert_eq!(left, r#"[7,["one"],{" u":"broken"}]"#);
        assert_eq!(drop_flashes(Some(&left), &shown), Updated::Kept);
    }

    #[test]
    fn equal_messages_go_as_often_as_they_were_shown() {
        let one = text(add_flash(None, &flash("message", "hi"))).unwrap();
        let two = text(add_flash(Some(&one), &flash("message", "hi"))).unwrap();
        assert_eq!(text(drop_flashes(Some(&two), &read_flashes(Some(&one)))), Some(one));
    }

    #[test]
    fn the_oldest_messages_are_dropped_over_the_limit() {
        let mut waiting = None;
        for number in 0..MAX_FLASHES + 3 {
            waiting = text(add_flash(waiting.as_deref(), &flash("message", &number.to_string())));
        }
        let left = read_flashes(waiting.as_deref());
        assert_eq!((left.len(), left[0].message.as_str()), (MAX_FLASHES, "3"));
        assert_eq!(count_flashes(waiting.as_deref()), MAX_FLASHES);
    }

    #[test]
    fn a_long_list_from_elsewhere_is_cut_when_a_message_is_added() {
        let messages: Vec<_> = (0..50_000).map(|number| format!(r#"["message","old {number}"]"#)).collect();
        let long = format!("[{}]", messages.join(","));
        let mut shown = read_flashes(Some(&long));
        assert_eq!(shown.len(), 50_000);
        // If each message required a linear search, this would take minutes.
        shown.reverse();
        assert_eq!(drop_flashes(Some(&long), &shown), Updated::Removed);
        let cut = text(add_flash(Some(&long), &flash("message", "new"))).unwrap();
        assert_eq!(count_flashes(Some(&cut)), MAX_FLASHES);
    }

    #[test]
    fn no_text_makes_it_panic() {
        for text in ["", "[", "[,]", "[1", "[1,", "[1 2]", "{}", "null", "[\"", "[\"\u{e9}", "[]]", "[[}]"] {
            read_flashes(Some(text));
            drop_flashes(Some(text), &[flash("a", "b")]);
            add_flash(Some(text), &flash("a", "b"));
        }
    }
}
