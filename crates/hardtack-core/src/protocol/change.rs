use std::collections::BTreeMap;
use std::fmt;

use crate::protocol::fold::Fold;
use crate::protocol::record::Redacted;
use crate::protocol::{Dictionary, Replay, ReplayError, Replayed, Updated};

/// The changes that a request made to its session, per key, in a form that can be replayed on a newer version.
///
/// The request also reads through these changes, so that it sees its own writes. Setting or removing a key without an
/// effect is not recorded.
///
/// ```
/// use hardtack_core::protocol::{Changes, Dictionary, Replay, Updated};
///
/// // What a request does to the session that it has loaded.
/// let base = Dictionary::parse(r#"{"n":1}"#)?;
/// let add_one = |text: Option<&str>| {
///     let n: u64 = text.and_then(|text| text.parse().ok()).unwrap_or(0);
///     Updated::Set((n + 1).to_string().into())
/// };
/// let mut changes = Changes::new();
/// changes.set(&base, "name", r#""Ada""#.into());
/// changes.update(&base, "n", add_one(base.get("n")), Replay::new(add_one));
/// assert_eq!(changes.whole(&base).as_text(), r#"{"n":2,"name":"Ada"}"#);
///
/// // Another request committed first: replay the changes on its result.
/// let newer = Dictionary::parse(r#"{"cart":[],"n":5}"#)?;
/// assert_eq!(changes.replay(&base, &newer)?.text, r#"{"cart":[],"n":6,"name":"Ada"}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Default)]
pub struct Changes {
    log: BTreeMap<Box<str>, Change>,
    /// Whether the contents of the base, and of any newer base, are discarded.
    forgets: bool,
    /// Whether a mutating method was called, even if it changed nothing. Only Flask's rules for saving a session use
    /// this.
    wrote: bool,
    /// Updates that no longer apply. They are closures of the application, and dropping them can run arbitrary code.
    /// They are therefore dropped together with `Changes`, not when a key changes, because a lock may be held then.
    displaced: Vec<Replay>,
}

/// The change to one key.
pub(crate) enum Change {
    /// The key was set to this wire text, regardless of its previous value.
    Set(String),
    /// The key was removed, regardless of its previous value.
    Removed,
    /// The new value was computed from the old one, and can be computed again from a newer value.
    Updated {
        /// The result in this request.
        now: Option<String>,
        /// The updates to run again, in order.
        again: Vec<Replay>,
    },
}

impl Changes {
    /// Creates an empty set of changes.
    pub const fn new() -> Self {
        Self { log: BTreeMap::new(), forgets: false, wrote: false, displaced: Vec::new() }
    }

    /// Returns the wire text of a key as this request sees it, or `None` if the key does not exist.
    pub fn get<'a>(&'a self, base: &'a Dictionary, key: &str) -> Option<&'a str> {
        match self.log.get(key) {
            Some(change) => change.text(),
            None if self.forgets => None,
            None => base.get(key),
        }
    }

    /// Sets a key. Setting an equal value is not a change.
    pub fn set(&mut self, base: &Dictionary, key: &str, text: String) {
        self.apply(base, key, Change::Set(text));
    }

    /// Removes a key, and returns whether it existed.
    pub fn remove(&mut self, base: &Dictionary, key: &str) -> bool {
        let there = self.get(base, key).is_some();
        self.apply(base, key, Change::Removed);
        there
    }

    /// Removes a key from the base and from any newer base.
    pub fn force_remove(&mut self, key: &str) {
        self.wrote = true;
        self.put(key, Change::Removed);
    }

    /// Sets a key even if it already has this text, so that the changes also set it when they are replayed on a newer
    /// or empty base.
    pub fn force_set(&mut self, key: &str, text: String) {
        self.wrote = true;
        self.put(key, Change::Set(text));
    }

    /// Records the `outcome` of an update that was computed from the result of [`get`](Changes::get), and the function
    /// that computes it again.
    ///
    /// After a `set` or a `remove` in the same request, the starting value is known, so the update is recorded as a
    /// plain set or removal. An update that keeps the value or fails is not recorded.
    pub fn update(&mut self, base: &Dictionary, key: &str, outcome: Updated, again: Replay) {
        let change = match (outcome, self.log.remove(key)) {
            (Updated::Kept | Updated::Failed, before) => {
                self.wrote = true;
                self.displaced.push(again);
                if let Some(before) = before {
                    self.log.insert(key.into(), before);
                }
                return;
            }
            (outcome, Some(Change::Set(_) | Change::Removed)) => self.outright(outcome, again),
            (outcome, Some(Change::Updated { again: mut earlier, .. })) => {
                earlier.push(again);
                Change::Updated { now: outcome.into_text(), again: earlier }
            }
            // If the base was discarded, the starting value is also known: the key does not exist.
            (outcome, None) if self.forgets => self.outright(outcome, again),
            (outcome, None) => Change::Updated { now: outcome.into_text(), again: vec![again] },
        };
        self.apply(base, key, change);
    }

    /// Removes every key that this request can see. A key that another request adds in the meantime survives, unless
    /// [`forget`](Changes::forget) was called.
    pub fn clear(&mut self, base: &Dictionary) {
        self.displace_all();
        self.wrote = true;
        if !self.forgets {
            for (key, _) in base.iter() {
                self.log.insert(key.into(), Change::Removed);
            }
        }
    }

    /// Discards this request's earlier changes and the contents of the base and of any newer base, including keys that
    /// another request adds in the meantime.
    pub fn forget(&mut self) {
        self.displace_all();
        self.forgets = true;
        self.wrote = true;
    }

    /// Returns whether there are changes to persist relative to `base`.
    pub fn is_dirty(&self, base: &Dictionary) -> bool {
        !self.log.is_empty() || (self.forgets && !base.is_empty())
    }

    /// Returns whether [`forget`](Changes::forget) was called.
    pub fn forgets(&self) -> bool {
        self.forgets
    }

    /// Returns whether this request changes a key or has discarded the contents of the base.
    pub fn touches(&self, key: &str) -> bool {
        self.forgets || self.log.contains_key(key)
    }

    /// Returns whether a mutating method was called, even if it changed nothing. This corresponds to Flask's
    /// `modified`.
    pub fn wrote(&self) -> bool {
        self.wrote
    }

    /// Records that a mutating method was called, as Flask's `update({})` does.
    pub fn note_write(&mut self) {
        self.wrote = true;
    }

    /// Returns whether the session has no keys, as this request sees it.
    pub fn leaves_empty(&self, base: &Dictionary) -> bool {
        if self.log.is_empty() && !self.forgets {
            return base.is_empty();
        }
        if self.log.values().any(|change| change.text().is_some()) {
            return false;
        }
        self.forgets || base.iter().all(|(key, _)| self.log.contains_key(key.as_ref()))
    }

    /// Returns the complete dictionary as this request sees it. Untouched keys are copied byte for byte, and keys are
    /// sorted.
    pub fn whole(&self, base: &Dictionary) -> Dictionary {
        if self.forgets { Dictionary::new().with(self.texts()) } else { base.with(self.texts()) }
    }

    /// Returns the text of [`whole`](Changes::whole), without building an index for it.
    pub fn text(&self, base: &Dictionary) -> String {
        if self.forgets { Dictionary::new().text_with(self.texts()) } else { base.text_with(self.texts()) }
    }

    /// Returns each changed key with its new wire text, or with `None` if the key was removed, in key order.
    pub fn texts(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.log.iter().map(|(key, change)| (key.as_ref(), change.text()))
    }

    /// Replays the changes, which were made to `base`, on a `newer` version.
    ///
    /// # Errors
    ///
    /// Returns an error if an update cannot be run on the values of the newer base.
    pub fn replay(&self, base: &Dictionary, newer: &Dictionary) -> Result<Replayed, ReplayError> {
        let mut fold = Fold::new(newer);
        let overwritten = fold.apply(self, base)?;
        Ok(Replayed { text: fold.text(), overwritten })
    }

    /// Returns the change to each key, in key order.
    pub(super) fn log(&self) -> impl Iterator<Item = (&str, &Change)> {
        self.log.iter().map(|(key, change)| (key.as_ref(), change))
    }

    /// Records a change. A set or removal that restores the value in the base has no effect, and gets no entry.
    fn apply(&mut self, base: &Dictionary, key: &str, change: Change) {
        self.wrote = true;
        let before = if self.forgets { None } else { base.get(key) };
        let computed = matches!(change, Change::Updated { .. });
        if !computed && change.text() == before {
            let displaced = self.log.remove(key);
            self.displace(displaced);
        } else {
            self.put(key, change);
        }
    }

    fn put(&mut self, key: &str, change: Change) {
        let displaced = self.log.insert(key.into(), change);
        self.displace(displaced);
    }

    /// Converts an update with a known starting value to a plain change, which need not run again.
    fn outright(&mut self, outcome: Updated, again: Replay) -> Change {
        self.displaced.push(again);
        outcome.into_text().map_or(Change::Removed, Change::Set)
    }

    fn displace(&mut self, change: Option<Change>) {
        if let Some(Change::Updated { again, .. }) = change {
            self.displaced.extend(again);
        }
    }

    fn displace_all(&mut self) {
        for change in std::mem::take(&mut self.log).into_values() {
            self.displace(Some(change));
        }
    }
}

impl Change {
    /// Returns the wire text of the key after this change.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Set(text) => Some(text),
            Self::Removed => None,
            Self::Updated { now, .. } => now.as_deref(),
        }
    }
}

/// Shows how many keys changed, but not which: an application may build keys from visitor data.
impl fmt::Debug for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changes")
            .field("keys", &self.log.len())
            .field("forgets", &self.forgets)
            .field("wrote", &self.wrote)
            .finish_non_exhaustive()
    }
}

/// Shows lengths instead of values.
impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Set(text) => f.debug_tuple("Set").field(&Redacted(text.len())).finish(),
            Self::Removed => f.write_str("Removed"),
            Self::Updated { now, again } => f
                .debug_struct("Updated")
                .field("now", &now.as_ref().map(|text| Redacted(text.len())))
                .field("again", again)
                .finish(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dictionary(text: &str) -> Dictionary {
        Dictionary::parse(text).unwrap()
    }

    fn increment() -> Replay {
        Replay::new(plus_one)
    }

    fn plus_one(text: Option<&str>) -> Updated {
        let number: i64 = text.map_or(0, |text| text.parse().unwrap());
        Updated::Set((number + 1).to_string())
    }

    #[test]
    fn an_equal_value_is_no_change() {
        let base = dictionary(r#"{"a":1}"#);
        let mut changes = Changes::new();
        changes.set(&base, "a", "1".into());
        assert!(!changes.is_dirty(&base));
        assert!(changes.wrote());
    }

    #[test]
    fn set_then_remove_of_a_new_key_is_no_change() {
        let base = Dictionary::new();
        let mut changes = Changes::new();
        changes.set(&base, "a", "1".into());
        assert!(changes.remove(&base, "a"));
        assert!(!changes.is_dirty(&base));
    }

    #[test]
    fn a_set_discards_earlier_updates_of_its_key() {
        let base = dictionary(r#"{"n":1}"#);
        let mut changes = Changes::new();
        changes.update(&base, "n", plus_one(Some("1")), increment());
        changes.set(&base, "n", "10".into());
        let replayed = changes.replay(&base, &dictionary(r#"{"n":5}"#)).unwrap();
        assert_eq!(replayed.text, r#"{"n":10}"#);
        assert_eq!(replayed.overwritten, 1);
    }

    #[test]
    fn an_update_after_a_set_has_a_known_start() {
        let base = dictionary(r#"{"n":1}"#);
        let mut changes = Changes::new();
        changes.set(&base, "n", "10".into());
        changes.update(&base, "n", plus_one(Some("10")), increment());
        let replayed = changes.replay(&base, &dictionary(r#"{"n":5}"#)).unwrap();
        assert_eq!(replayed.text, r#"{"n":11}"#);
    }

    #[test]
    fn updates_run_again_on_the_newer_value() {
        let base = dictionary(r#"{"n":1}"#);
        let mut changes = Changes::new();
        changes.update(&base, "n", plus_one(Some("1")), increment());
        changes.update(&base, "n", plus_one(Some("2")), increment());
        assert_eq!(changes.whole(&base).as_text(), r#"{"n":3}"#);
        let replayed = changes.replay(&base, &dictionary(r#"{"n":41}"#)).unwrap();
        assert_eq!(replayed.text, r#"{"n":43}"#);
        assert_eq!(replayed.overwritten, 0);
    }

    #[test]
    fn different_keys_never_clobber_each_other() {
        let base = dictionary(r#"{"a":1,"b":1}"#);
        let mut changes = Changes::new();
        changes.set(&base, "a", "2".into());
        let replayed = changes.replay(&base, &dictionary(r#"{"a":1,"b":7,"c":8}"#)).unwrap();
        assert_eq!(replayed.text, r#"{"a":2,"b":7,"c":8}"#);
        assert_eq!(replayed.overwritten, 0);
    }

    #[test]
    fn clear_spares_what_it_never_saw_and_forget_does_not() {
        let base = dictionary(r#"{"a":1}"#);
        let newer = dictionary(r#"{"a":1,"b":2}"#);
        let mut cleared = Changes::new();
        cleared.clear(&base);
        assert!(cleared.leaves_empty(&base));
        assert_eq!(cleared.replay(&base, &newer).unwrap().text, r#"{"b":2}"#);
        let mut forgotten = Changes::new();
        forgotten.forget();
        assert!(forgotten.leaves_empty(&base));
        assert!(forgotten.is_dirty(&base));
        assert_eq!(forgotten.replay(&base, &newer).unwrap().text, "{}");
    }

    #[test]
    fn a_banned_key_is_removed_from_a_newer_base_too() {
        let base = Dictionary::new();
        let mut changes = Changes::new();
        changes.force_remove("a");
        assert_eq!(changes.replay(&base, &dictionary(r#"{"a":1}"#)).unwrap().text, "{}");
    }

    #[test]
    fn an_insisted_key_is_set_on_any_base() {
        let base = dictionary(r#"{"a":1}"#);
        let mut changes = Changes::new();
        changes.force_set("a", "1".into());
        assert!(changes.is_dirty(&base));
        assert_eq!(changes.replay(&base, &Dictionary::new()).unwrap().text, r#"{"a":1}"#);
    }

    #[test]
    fn a_forgotten_base_is_not_read() {
        let base = dictionary(r#"{"a":1}"#);
        let mut changes = Changes::new();
        changes.forget();
        assert_eq!(changes.get(&base, "a"), None);
        changes.update(&base, "a", plus_one(None), increment());
        assert_eq!(changes.replay(&base, &dictionary(r#"{"a":9}"#)).unwrap().text, r#"{"a":1}"#);
    }

    #[test]
    fn an_update_that_keeps_is_no_change() {
        let base = dictionary(r#"{"a":1}"#);
        let mut changes = Changes::new();
        changes.update(&base, "a", Updated::Kept, Replay::new(|_| Updated::Kept));
        assert!(!changes.is_dirty(&base));
    }

    #[test]
    fn debug_shows_no_key_and_no_value() {
        let base = Dictionary::new();
        let mut changes = Changes::new();
        changes.set(&base, "token-of-jane", r#""4111""#.into());
        let updated = Updated::Set(r#""4111""#.into());
        changes.update(&base, "jane", updated.clone(), Replay::new(|_| Updated::Kept));
        let set = Change::Set(r#""4111""#.into());
        let shown = format!("{changes:?} {set:?} {updated:?} {:?}", changes.replay(&base, &base));
        assert!(!shown.contains("jane") && !shown.contains("4111"), "{shown}");
        assert!(shown.contains("[6 bytes]"), "{shown}");
    }
}
