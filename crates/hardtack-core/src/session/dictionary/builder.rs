use std::ops::Range;

use super::Dictionary;
use super::object::{AS_WRITTEN, Entry, slice, span};
use crate::value::write_string;

/// Writes a dictionary's text and its index side by side.
pub(super) struct Builder {
    dictionary: Dictionary,
}

impl Builder {
    pub(super) fn new(length: usize, members: usize) -> Self {
        let mut text = String::with_capacity(length);
        text.push('{');
        Self { dictionary: Dictionary { text, entries: Vec::with_capacity(members), plain_keys: Vec::new() } }
    }

    /// Copies members of a dictionary, and the commas between them, at once.
    pub(super) fn copy(&mut self, from: &Dictionary, places: Range<usize>) {
        if places.is_empty() {
            return;
        }
        if from.is_escaped() {
            return self.write(from.key(0), from.value(0));
        }
        let members = &from.entries[places];
        let [first, .., last] = members else {
            let [only] = members else { return };
            return self.copy_text(from, only.key.0 as usize - 1..only.value.1 as usize, members);
        };
        self.copy_text(from, first.key.0 as usize - 1..last.value.1 as usize, members);
    }

    fn copy_text(&mut self, from: &Dictionary, text: Range<usize>, members: &[Entry]) {
        self.separate();
        let Dictionary { text: out, entries, plain_keys } = &mut self.dictionary;
        let (old, new) = (text.start as u32, out.len() as u32);
        out.push_str(&from.text[text]);
        let moved = |(start, end): (u32, u32)| (start - old + new, end - old + new);
        for member in members {
            let mut plain_key = AS_WRITTEN;
            if let Some(key) = from.plain_keys.get(member.plain_key as usize) {
                plain_key = plain_keys.len() as u32;
                plain_keys.push(key.clone());
            }
            entries.push(Entry { key: moved(member.key), value: moved(member.value), plain_key });
        }
    }

    /// Copies one member without the space between its key and its value; the key keeps its spelling.
    pub(super) fn copy_member(&mut self, from: &Dictionary, place: usize) {
        self.separate();
        let entry = from.entries[place];
        let plain = from.plain_keys.get(entry.plain_key as usize).cloned();
        let out = &mut self.dictionary.text;
        out.push('"');
        out.push_str(slice(&from.text, entry.key));
        out.push('"');
        self.finish_member(slice(&from.text, entry.key).len(), plain, from.value(place));
    }

    /// Writes one member anew.
    pub(super) fn write(&mut self, key: &str, value: &str) {
        self.separate();
        let start = self.dictionary.text.len();
        write_string(key, &mut self.dictionary.text);
        let written = &self.dictionary.text[start + 1..self.dictionary.text.len() - 1];
        // An escape is longer than what it stands for.
        let plain = (written.len() != key.len()).then(|| Box::from(key));
        self.finish_member(written.len(), plain, value);
    }

    fn separate(&mut self) {
        if !self.dictionary.is_empty() {
            self.dictionary.text.push(',');
        }
    }

    /// The rest of a member whose key, of a length between its quotes, has just been written.
    fn finish_member(&mut self, key: usize, plain: Option<Box<str>>, value: &str) {
        let Dictionary { text, entries, plain_keys } = &mut self.dictionary;
        let quote = text.len() - 1;
        text.push(':');
        let start = text.len();
        text.push_str(value);
        let mut plain_key = AS_WRITTEN;
        if let Some(key) = plain {
            plain_key = plain_keys.len() as u32;
            plain_keys.push(key);
        }
        entries.push(Entry { key: span(quote - key, quote), value: span(start, text.len()), plain_key });
    }

    pub(super) fn finish(mut self) -> Dictionary {
        const ESCAPE: &str = "{\" di\":";
        if self.dictionary.is_empty() {
            return Dictionary::new();
        }
        let escaped = self.dictionary.is_escaped();
        let Dictionary { text, entries, .. } = &mut self.dictionary;
        text.push('}');
        if let [only] = &mut entries[..]
            && escaped
        {
            text.insert_str(only.key.1 as usize, "__");
            text.insert_str(0, ESCAPE);
            text.push('}');
            let moved = |(start, end): (u32, u32), by: usize| (start + by as u32, end + by as u32);
            only.key = moved(only.key, ESCAPE.len());
            only.value = moved(only.value, ESCAPE.len() + 2);
        }
        // The casts to 32 bits above were right if the text's length is.
        u32::try_from(text.len()).expect("a session's text stays under 4 GiB");
        self.dictionary
    }
}
