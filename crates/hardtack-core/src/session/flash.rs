use std::fmt;

use serde::{Deserialize, Serialize};

use crate::session::Updated;
use crate::value;

/// The session key under which Flask keeps messages for the next page.
pub const FLASHES_KEY: &str = "_flashes";

/// The category of a message that names none.
pub const DEFAULT_CATEGORY: &str = "message";

/// A message for the next page that is shown.
///
/// On the wire it is Flask's: a tuple of category and message, in a list under `_flashes`.
///
/// ```
/// use hardtack_core::session::{Flash, Updated, add_flash, drop_flashes, read_flashes};
///
/// let saved = Flash { category: "message".into(), message: "Saved.".into() };
/// let Updated::Set(waiting) = add_flash(None, &saved) else { panic!("one waits") };
/// assert_eq!(&*waiting, r#"[{" t":["message","Saved."]}]"#);
///
/// let shown = read_flashes(Some(&waiting));
/// assert_eq!(shown, [saved]);
/// assert_eq!(drop_flashes(Some(&waiting), &shown), Updated::Removed);
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Flash {
    /// What kind of message, as in `"error"`; `"message"` if nothing was said.
    pub category: String,
    /// What it says.
    pub message: String,
}

/// Adds a message behind those that wait.
pub fn add_flash(waiting: Option<&str>, flash: &Flash) -> Updated {
    let mut flashes = read_flashes(waiting);
    flashes.push(flash.clone());
    write(&flashes)
}

/// Takes away exactly the messages that were `shown`; one that was added meanwhile stays.
pub fn drop_flashes(waiting: Option<&str>, shown: &[Flash]) -> Updated {
    let mut flashes = read_flashes(waiting);
    for flash in shown {
        if let Some(at) = flashes.iter().position(|waiting| waiting == flash) {
            flashes.remove(at);
        }
    }
    if flashes.is_empty() { Updated::Removed } else { write(&flashes) }
}

/// The messages that wait, in the order they were made. What is no list of messages counts as none.
pub fn read_flashes(waiting: Option<&str>) -> Vec<Flash> {
    waiting.and_then(|text| value::from_text(text).ok()).unwrap_or_default()
}

fn write(flashes: &[Flash]) -> Updated {
    match value::to_text(flashes) {
        Ok(text) => Updated::Set(text),
        Err(_) => Updated::Kept,
    }
}

/// Without the message, which may hold what a visitor typed.
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
            Updated::Kept | Updated::Removed => None,
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
}
