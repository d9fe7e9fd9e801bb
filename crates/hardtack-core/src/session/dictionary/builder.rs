use std::ops::Range;

use super::Dictionary;
use super::object::{Entry, slice};
use crate::value::{Tag, write_string};

/// Writes a dictionary's text: a JSON object as Flask writes it.
pub(super) struct Builder {
    text: String,
    /// The key of the first member, as it stands between its quotes.
    first: Option<Range<usize>>,
    /// Whether there are others.
    more: bool,
}

impl Builder {
    /// `length` is a guess at the text's, in bytes.
    pub(super) fn new(length: usize) -> Self {
        let mut text = String::with_capacity(length);
        text.push('{');
        Self { text, first: None, more: false }
    }

    /// Copies members of a dictionary, and the commas between them, at once.
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

    /// Copies one member without the space between its key and its value; the key keeps its spelling.
    pub(super) fn copy_member(&mut self, from: &Dictionary, entry: Entry) {
        let key = slice(&from.text, entry.key);
        self.begin(key.len());
        self.text.push('"');
        self.text.push_str(key);
        self.text.push_str("\":");
        self.text.push_str(slice(&from.text, entry.value));
    }

    /// Writes one member anew.
    pub(super) fn write(&mut self, key: &str, value: &str) {
        // A key that is written with escapes is no tag, so its length does not matter.
        self.begin(key.len());
        write_string(key, &mut self.text);
        self.text.push(':');
        self.text.push_str(value);
    }

    /// Before a member whose key has this length between its quotes.
    fn begin(&mut self, key: usize) {
        if self.first.is_some() {
            self.text.push(',');
            self.more = true;
        } else {
            let start = self.text.len() + 1;
            self.first = Some(start..start + key);
        }
    }

    /// # Panics
    ///
    /// If the text is longer than 4 GiB.
    pub(super) fn finish(mut self) -> String {
        self.text.push('}');
        // A dict whose only key is a tag would be read as what the tag stands for.
        if let Some(only) = self.first
            && !self.more
            && self.text.get(only.clone()).is_some_and(|key| Tag::of(key).is_some())
        {
            self.text.insert_str(only.end, "__");
            self.text.insert_str(0, ESCAPE);
            self.text.push('}');
        }
        u32::try_from(self.text.len()).expect("a session's text stays under 4 GiB");
        self.text
    }
}

/// What stands before a dict whose only key is a tag; two underlines then stand behind that key.
pub(super) const ESCAPE: &str = "{\" di\":";
