use std::cmp::Ordering;

use serde::ser::{self, Serialize};

use crate::value::Tag;
use crate::value::fault::Fault;
use crate::value::map_key::{KeySerializer, Order};
use crate::value::ser::text_serializer::TextSerializer;
use crate::value::text::write::compare_escaped;

type Result<T> = std::result::Result<T, Fault>;

/// A dict that is being written. Members are written in the order in which they arrive, and are sorted at the end if
/// necessary.
pub(crate) struct Members<'s> {
    serializer: &'s mut TextSerializer,
    start: usize,
    entries: Vec<Entry>,
    sorted: bool,
    close: &'static str,
    pub(crate) levels: usize,
}

struct Entry {
    order: Order,
    /// The offset of the key's opening quote.
    start: usize,
    /// The offset after the key's closing quote.
    key_end: usize,
}

impl<'s> Members<'s> {
    /// Starts a dict whose `{` has just been written. Ending the dict subtracts `levels` from the serializer's depth.
    pub(crate) fn new(serializer: &'s mut TextSerializer, close: &'static str, levels: usize) -> Self {
        let start = serializer.out.len();
        Self { serializer, start, entries: Vec::new(), sorted: true, close, levels }
    }

    fn key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        let out = &mut self.serializer.out;
        if !self.entries.is_empty() {
            out.push(',');
        }
        let start = out.len();
        let order = key.serialize(KeySerializer { out })?;
        let entry = Entry { order, start, key_end: out.len() };
        out.push(':');
        match self.entries.last() {
            Some(last) => self.sorted &= compare(out, last, &entry)? == Ordering::Less,
            // If this key remains the only one, its value is one level deeper.
            None if entry.tag(out).is_some() => {
                self.levels += 1;
                self.serializer.nest(1)?;
            }
            None => {}
        }
        self.entries.push(entry);
        Ok(())
    }

    fn finish(mut self) -> Result<()> {
        if !self.sorted {
            self.sort()?;
        }
        let out = &mut self.serializer.out;
        match self.entries[..] {
            [ref only] if only.tag(out).is_some() => {
                out.insert_str(only.key_end - 1, "__");
                out.insert_str(self.start, "\" di\":{");
                out.push('}');
            }
            _ => {}
        }
        out.push_str(self.close);
        self.serializer.depth -= self.levels;
        Ok(())
    }

    /// Sorts the members by key. Of members with equal keys, only the last one is kept.
    fn sort(&mut self) -> Result<()> {
        let out = &mut self.serializer.out;
        let mut ends: Vec<usize> = self.entries.iter().skip(1).map(|entry| entry.start - 1).collect();
        ends.push(out.len());
        let mut members: Vec<(Entry, usize)> =
            std::mem::take(&mut self.entries).into_iter().zip(ends).collect();
        let mut mixed = false;
        members.sort_by(|(a, _), (b, _)| {
            compare(out, a, b).unwrap_or_else(|_| {
                mixed = true;
                Ordering::Equal
            })
        });
        if mixed {
            return Err(Fault::malformed(MIXED_KEYS));
        }
        let mut sorted = String::with_capacity(out.len() - self.start);
        for (place, (entry, end)) in members.iter().enumerate() {
            if let Some((next, _)) = members.get(place + 1)
                && compare(out, entry, next)? == Ordering::Equal
            {
                continue;
            }
            let start = self.start + sorted.len() + usize::from(!self.entries.is_empty());
            if !self.entries.is_empty() {
                sorted.push(',');
            }
            sorted.push_str(&out[entry.start..*end]);
            let key_end = start + entry.key_end - entry.start;
            self.entries.push(Entry { order: entry.order, start, key_end });
        }
        out.truncate(self.start);
        out.push_str(&sorted);
        Ok(())
    }
}

const MIXED_KEYS: &str =
    "the keys of a map must be either all strings or all numbers, because Python cannot sort a mix";

impl Entry {
    /// Returns the tag for the key, if the key is one. (Tags contain no characters that are written as escapes.)
    fn tag(&self, out: &str) -> Option<Tag> {
        match self.order {
            Order::Text => Tag::of(&out[self.start + 1..self.key_end - 1]),
            _ => None,
        }
    }
}

/// Compares two keys as Python does: strings by code point, and numbers by value.
fn compare(out: &str, a: &Entry, b: &Entry) -> Result<Ordering> {
    match (a.order, b.order) {
        (Order::Text, Order::Text) => compare_escaped(&out[a.start..a.key_end], &out[b.start..b.key_end]),
        (Order::Int(a), Order::Int(b)) => Some(a.cmp(&b)),
        (Order::Float(a), Order::Float(b)) => Some(a.total_cmp(&b)),
        (Order::Int(a), Order::Float(b)) => Some((a as f64).total_cmp(&b)),
        (Order::Float(a), Order::Int(b)) => Some(a.total_cmp(&(b as f64))),
        _ => None,
    }
    .ok_or(Fault::malformed(MIXED_KEYS))
}

impl ser::SerializeMap for Members<'_> {
    type Ok = ();
    type Error = Fault;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        self.key(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        value.serialize(&mut *self.serializer)
    }

    fn end(self) -> Result<()> {
        self.finish()
    }
}

macro_rules! fields {
    ($($family:ident)*) => {$(
        impl ser::$family for Members<'_> {
            type Ok = ();
            type Error = Fault;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<()> {
                self.key(name)?;
                value.serialize(&mut *self.serializer)
            }

            fn end(self) -> Result<()> {
                self.finish()
            }
        }
    )*};
}
fields!(SerializeStruct SerializeStructVariant);
