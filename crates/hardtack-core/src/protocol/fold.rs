use std::collections::BTreeMap;
use std::fmt;

use crate::protocol::{Change, Changes, Dictionary, Replay, ReplayError};

/// A dictionary to which the changes of several requests are applied, one after another.
///
/// Each request sees the result of the previous one. The complete text is written once, at the end, so that the cost of
/// each request depends on its changes, not on the size of the session.
pub(crate) struct Fold<'a> {
    start: &'a Dictionary,
    /// Whether the contents of `start` were discarded.
    forgotten: bool,
    /// The current value of each key that was changed, or `None` if it was removed.
    changed: BTreeMap<Box<str>, Option<String>>,
}

impl<'a> Fold<'a> {
    /// Creates a fold with no changes applied.
    pub(crate) fn new(start: &'a Dictionary) -> Self {
        Self { start, forgotten: false, changed: BTreeMap::new() }
    }

    /// Applies changes that were made to `base`. Returns the number of keys that were set or removed although another
    /// request had changed them in the meantime. For such keys, the last writer wins.
    ///
    /// # Errors
    ///
    /// Returns an error if an update cannot be run on the current values. In that case, nothing is applied.
    pub(crate) fn apply(&mut self, changes: &Changes, base: &Dictionary) -> Result<usize, ReplayError> {
        let forgets = changes.forgets();
        let mut overwritten = 0;
        let mut fresh: Vec<(&str, Option<String>)> = Vec::new();
        for (key, change) in changes.log() {
            let theirs = if forgets { None } else { self.get(key) };
            let ours = match change {
                Change::Updated { again, .. } => Replay::run_all(key, again, theirs)?,
                Change::Set(_) | Change::Removed => {
                    if !forgets && theirs != base.get(key) {
                        overwritten += 1;
                    }
                    change.text().map(Into::into)
                }
            };
            fresh.push((key, ours));
        }
        if forgets {
            self.forgotten = true;
            self.changed.clear();
        }
        self.changed.extend(fresh.into_iter().map(|(key, text)| (key.into(), text)));
        Ok(overwritten)
    }

    /// Returns the complete text of the session.
    pub(crate) fn text(&self) -> String {
        let empty = Dictionary::new();
        let start = if self.forgotten { &empty } else { self.start };
        start.text_with(self.changed.iter().map(|(key, text)| (key.as_ref(), text.as_deref())))
    }

    fn get(&self, key: &str) -> Option<&str> {
        match self.changed.get(key) {
            Some(text) => text.as_deref(),
            None if self.forgotten => None,
            None => self.start.get(key),
        }
    }
}

/// Shows how many keys changed, but no values.
impl fmt::Debug for Fold<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fold").field("keys", &self.changed.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Updated;

    fn dictionary(text: &str) -> Dictionary {
        Dictionary::parse(text).unwrap()
    }

    fn counting(base: &Dictionary) -> Changes {
        let plus_one = |text: Option<&str>| match text.unwrap_or("0").parse::<u64>() {
            Ok(number) => Updated::Set((number + 1).to_string()),
            Err(_) => Updated::Failed,
        };
        let mut changes = Changes::new();
        changes.update(base, "n", plus_one(base.get("n")), Replay::new(plus_one));
        changes
    }

    #[test]
    fn each_request_sees_what_the_one_before_it_left() {
        let base = dictionary(r#"{"n":1}"#);
        let start = dictionary(r#"{"a":1,"n":5}"#);
        let mut fold = Fold::new(&start);
        for _ in 0..3 {
            assert_eq!(fold.apply(&counting(&base), &base), Ok(0));
        }
        assert_eq!(fold.text(), r#"{"a":1,"n":8}"#);
    }

    #[test]
    fn two_requests_that_set_one_key_overwrite_each_other_and_say_so() {
        let base = dictionary(r#"{"a":1}"#);
        let mut fold = Fold::new(&base);
        let mut set = |text: &str| {
            let mut changes = Changes::new();
            changes.set(&base, "a", text.into());
            fold.apply(&changes, &base)
        };
        assert_eq!((set("2"), set("3")), (Ok(0), Ok(1)));
        assert_eq!(fold.text(), r#"{"a":3}"#);
    }

    #[test]
    fn a_request_that_forgets_leaves_nothing_of_those_before_it() {
        let base = dictionary(r#"{"a":1,"n":1}"#);
        let mut fold = Fold::new(&base);
        fold.apply(&counting(&base), &base).unwrap();
        let mut forgets = Changes::new();
        forgets.forget();
        forgets.set(&base, "b", "2".into());
        fold.apply(&forgets, &base).unwrap();
        assert_eq!(fold.text(), r#"{"b":2}"#);
        fold.apply(&counting(&base), &base).unwrap();
        assert_eq!(fold.text(), r#"{"b":2,"n":1}"#);
    }

    #[test]
    fn an_update_that_cannot_run_again_applies_none_of_its_request() {
        let base = dictionary(r#"{"n":1}"#);
        let start = dictionary(r#"{"n":"many"}"#);
        let mut changes = counting(&base);
        changes.set(&base, "a", "1".into());
        let mut fold = Fold::new(&start);
        let error = fold.apply(&changes, &base).unwrap_err();
        assert!(error.to_string().contains("`n`"), "{error}");
        assert_eq!(fold.text(), start.as_text());
    }

    #[test]
    fn an_update_that_panics_applies_none_of_its_request() {
        let base = dictionary(r#"{"n":1}"#);
        let mut changes = Changes::new();
        changes.set(&base, "a", "1".into());
        let panics = |text: Option<&str>| {
            assert_eq!(text, Some("1"), "on purpose");
            Updated::Set("2".into())
        };
        changes.update(&base, "n", panics(base.get("n")), Replay::new(panics));
        let start = dictionary(r#"{"n":5}"#);
        let mut fold = Fold::new(&start);
        let error = fold.apply(&changes, &base).unwrap_err();
        assert!(error.to_string().contains("panicked"), "{error}");
        assert_eq!(fold.text(), start.as_text());
    }
}
