use std::ops::Range;

use crate::value::text::scan::{skip_space, string_end, value_end};
use crate::value::{Reader, Tag};

/// A dict that consists of a single tag and its value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Tagged {
    pub(crate) tag: Tag,
    /// The offset where the value begins.
    pub(crate) value: usize,
}

/// An index of the tagged values in wire text, created before the text is read.
///
/// A dict is a tagged value only if a tag is its only key. This is known only at the end of the dict, but serde needs
/// the information at the beginning. One scan ahead determines it for a dict and all dicts inside it, so that deeply
/// nested text is not scanned repeatedly.
#[derive(Default)]
pub(crate) struct Tags {
    looked: Range<usize>,
    found: Vec<(usize, Tagged)>,
}

struct Open {
    at: usize,
    tagged: Option<Tagged>,
}

impl Tags {
    /// Returns the tag of the dict whose `{` is at the offset `brace`, if the dict is a tagged value.
    #[inline]
    pub(crate) fn at(&mut self, text: &str, brace: usize) -> Option<Tagged> {
        if !may_be_tag(text.as_bytes(), brace) {
            return None;
        }
        if !self.looked.contains(&brace) {
            if let Some(tagged) = small_tag(text, brace) {
                return Some(tagged);
            }
            self.look(text, brace);
        }
        let place = self.found.binary_search_by_key(&brace, |&(at, _)| at).ok()?;
        Some(self.found[place].1)
    }

    fn look(&mut self, text: &str, brace: usize) {
        let bytes = text.as_bytes();
        self.found.clear();
        let mut open: Vec<Open> = Vec::new();
        let mut at = brace;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'{' => {
                    let tagged = tag_after(text, at);
                    open.push(Open { at, tagged });
                    if let Some(tagged) = tagged {
                        at = tagged.value;
                        continue;
                    }
                }
                b'[' => open.push(Open { at, tagged: None }),
                b'}' | b']' => {
                    if let Some(Open { at, tagged: Some(tagged) }) = open.pop() {
                        self.found.push((at, tagged));
                    }
                    if open.is_empty() {
                        break;
                    }
                }
                b',' => {
                    if let Some(Open { tagged: Some(first), .. }) =
                        open.last().filter(|open| open.tagged.is_some())
                    {
                        // A repetition of the same key replaces the value. Any other key makes the dict a plain one.
                        let again = tag_after(text, at).filter(|again| again.tag == first.tag);
                        if let Some(last) = open.last_mut() {
                            last.tagged = again;
                        }
                        if let Some(again) = again {
                            at = again.value;
                            continue;
                        }
                    }
                }
                b'"' => match string_end(bytes, at + 1) {
                    Some(end) => at = end,
                    None => break,
                },
                _ => {}
            }
            at += 1;
        }
        self.looked = brace..at.max(brace + 1);
        self.found.sort_unstable_by_key(|&(at, _)| at);
    }
}

/// Returns the tag of a dict if its value is short, as most are. This function may be called again for each of the
/// dicts inside, so it scans only a fixed distance.
fn small_tag(text: &str, brace: usize) -> Option<Tagged> {
    const FAR: usize = 128;
    let tagged = tag_after(text, brace)?;
    let bytes = text.as_bytes();
    let near = &bytes[..bytes.len().min(tagged.value + FAR)];
    let end = skip_space(bytes, value_end(near, tagged.value)?);
    (bytes.get(end) == Some(&b'}')).then_some(tagged)
}

/// Returns whether a dict can be a tagged value. The first two bytes of its first key rule out most dicts.
#[inline]
fn may_be_tag(bytes: &[u8], brace: usize) -> bool {
    let key = skip_space(bytes, brace + 1);
    bytes.get(key) == Some(&b'"') && matches!(bytes.get(key + 1), Some(b' ' | b'\\'))
}

/// Returns the tag that is the next key after a `{` or `,`, with the offset of its value.
fn tag_after(text: &str, at: usize) -> Option<Tagged> {
    if !may_be_tag(text.as_bytes(), at) {
        return None;
    }
    let mut reader = Reader::new(text);
    reader.go_to(at + 1);
    let tag = Tag::of(&reader.string().ok()?)?;
    reader.expect(b':').ok()?;
    reader.peek()?;
    Some(Tagged { tag, value: reader.at() })
}
