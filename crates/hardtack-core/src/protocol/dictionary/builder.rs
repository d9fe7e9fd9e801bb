use std::ops::Range;

use super::Dictionary;
use super::object::{Entry, slice};
use crate::value::{Tag, write_string};

/// A writer for the text of a dictionary: a JSON object as Flask writes it.
pub(super) struct Builder {
    text: String,
    /// The position in the text of the first member's key, without its quotes.
    first: Option<Range<usize>>,
    /// Whether there is more than one member.
    more: bool,
}

impl Builder {
    /// Creates a builder. `length` is an estimate of the length of the text, in bytes.
    pub(super) fn new(length: usize) -> Self {
        let mut text = String::with_capacity(length);
        text.push('{');
        Self { text, first: None, more: false }
    }

    /// Copies a range of members, and the commas between them, in one step.
    pub(super) fn copy(&mut self, from: &Dictionary, places: Range<usize>) {
        let members = &from.entries[places];
        let (Some(first), Some(last)) = (members.first(), members.last()) else { return };
        if from.is_escaped() {
            return self.write(from.key(0), from.value(0));
        }
        self.begin(slice(&from.text, first.key).len());
        self.more |= members.len() > 1;
        self.text.push_str(&from.text[first.key.0 as usize - 1..last.value.1 as usize]);
    }

    /// Copies one member without the space between its key and its value. The key keeps its spelling.
    pub(super) fn copy_member(&mut self, from: &Dictionary, entry: Entry) {
        let key = slice(&from.text, entry.key);
        self.begin(key.len());
        self.text.push('"');
        self.text.push_str(key);
        self.text.push_str("\":");
        self.text.push_str(slice(&from.text, entry.value));
    }

    /// Writes one member from a key and the wire text of its value.
    pub(super) fn write(&mut self, key: &str, value: &str) {
        // For a key that is written with escapes, this length is too short, but such a key is not a tag.
        self.begin(key.len());
        write_string(key, &mut self.text);
        self.text.push(':');
        self.text.push_str(value);
    }

    /// Prepares for a member whose key has this length between its quotes.
    fn begin(&mut self, key: usize) {
        if self.first.is_some() {
            self.text.push(',');
            self.more = true;
        } else {
            let start = self.text.len() + 1;
            self.first = Some(start..start + key);
        }
    }

    /// Closes the object, and returns its text.
    ///
    /// # Panics
    ///
    /// Panics if the text is longer than 4 GiB.
    pub(super) fn finish(mut self) -> String {
        self.text.push('}');
        // Without the prefix `ESCAPE`, a dict whose only key is a tag would be read as the value that the tag
        // represents.
        if let Some(only) = self.first
            && !self.more
            && self.text.get(only.clone()).is_some_and(|key| Tag::of(key).is_some())
        {
            self.text.insert_str(only.end, "__");
            self.text.insert_str(0, ESCAPE);
            self.text.push('}');
        }
        u32::try_from(self.text.len()).expect("a session's JSON is under 4 GiB");
        self.text
    }
}

/// The prefix of a dict whose only key is a tag. Two underscores are then appended to that key.
pub(super) const ESCAPE: &str = "{\" di\":";
