mod builder;
mod object;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use self::builder::{Builder, ESCAPE};
use self::object::{Entry, Object, slice};
use crate::value::{Python, Tag, skip_space, unescape_key};
use crate::{Error, ErrorKind};

/// A sorted map from keys to the wire text of their values. The values are parsed only on access.
///
/// A dictionary is the content of a session on the wire: Flask's tagged JSON. Parsing finds where each value begins and
/// ends, without reading the values. Looking up a key therefore does not pay for the values of other keys, and an
/// unchanged value is written back byte for byte, even if this program does not support its type. A malformed value is
/// an error only for code that reads it.
///
/// ```
/// use hardtack_core::protocol::Dictionary;
/// use hardtack_core::value::{from_text, to_text};
///
/// let session = Dictionary::parse(r#"{"cart":[1,2],"name":"Ada"}"#)?;
/// assert_eq!(session.get("name"), Some(r#""Ada""#));
/// assert_eq!(from_text::<Vec<u8>>(session.get("cart").unwrap_or("[]"))?, [1, 2]);
///
/// let visits = to_text(&3)?;
/// let later = session.with([("cart", None), ("visits", Some(visits.as_str()))].into_iter());
/// assert_eq!(later.as_text(), r#"{"name":"Ada","visits":3}"#);
/// # Ok::<(), hardtack_core::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Dictionary {
    /// The text as Flask writes it, or empty if there are no keys.
    text: String,
    /// Sorted by key.
    entries: Vec<Entry>,
    /// The unescaped forms of keys that are written with escapes.
    plain_keys: Vec<Box<str>>,
}

impl Dictionary {
    /// Creates a dictionary without keys.
    pub const fn new() -> Self {
        Self { text: String::new(), entries: Vec::new(), plain_keys: Vec::new() }
    }

    /// Parses the text of a session. It is indexed in one pass, regardless of how deeply it is nested.
    ///
    /// Besides objects, this method accepts the other values that Flask converts to a session: `null`, `[]`, and `""`
    /// are empty, and a list or tuple of pairs, or of strings of two characters, is a dict.
    ///
    /// # Errors
    ///
    /// Returns an error if the text is not JSON at the top level or cannot be converted to a session, if a key contains
    /// an unpaired surrogate, or if the text is longer than 4 GiB.
    pub fn parse(text: impl Into<Box<str>>) -> Result<Self, Error> {
        let text = String::from(text.into());
        if u32::try_from(text.len()).is_err() {
            return Err(Error::new(ErrorKind::Value, "a session's JSON is at most 4 GiB long"));
        }
        let start = skip_space(text.as_bytes(), 0);
        if text.as_bytes().get(start) != Some(&b'{') {
            return from_value(&text);
        }
        let mut object = Object::new();
        let end = object.scan(&text, start).ok_or_else(not_an_object)?;
        if skip_space(text.as_bytes(), end) != text.len() {
            return Err(not_an_object());
        }
        index(object, text, start, end)
    }

    /// Returns the wire text of the value of a key, or `None` if the key does not exist.
    pub fn get(&self, key: &str) -> Option<&str> {
        Some(self.value(self.place(key)?))
    }

    /// Returns whether a key exists.
    pub fn contains(&self, key: &str) -> bool {
        self.place(key).is_some()
    }

    /// Returns the number of keys.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns whether there are no keys.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Returns the keys, sorted by their code points.
    pub fn keys(&self) -> impl Iterator<Item = Cow<'_, str>> {
        (0..self.len()).map(|place| Cow::Borrowed(self.key(place)))
    }

    /// Returns the keys and the wire text of their values, in key order.
    pub fn iter(&self) -> impl Iterator<Item = (Cow<'_, str>, &str)> {
        (0..self.len()).map(|place| (Cow::Borrowed(self.key(place)), self.value(place)))
    }

    /// Returns this dictionary with some keys changed. `Some` is the new wire text of a value, as
    /// [`to_text`](crate::value::to_text) writes it; `None` removes the key.
    ///
    /// Changes should be sorted by key. Unsorted changes are sorted first, and the last of several changes to one key
    /// wins. All other keys are copied byte for byte.
    ///
    /// # Panics
    ///
    /// Panics if the result is longer than 4 GiB.
    #[must_use]
    pub fn with<'a>(&self, changes: impl Iterator<Item = (&'a str, Option<&'a str>)>) -> Self {
        Self::written(self.text_with(changes))
    }

    /// Returns the [text](Dictionary::as_text) of this dictionary [with](Dictionary::with) some keys changed, without
    /// indexing it.
    ///
    /// # Panics
    ///
    /// Panics if the result is longer than 4 GiB.
    #[must_use]
    pub(crate) fn text_with<'a>(
        &self,
        mut changes: impl Iterator<Item = (&'a str, Option<&'a str>)>,
    ) -> String {
        let mut builder = Builder::new(self.text.len() + 64);
        let mut copied = 0;
        let mut last = None;
        while let Some((key, change)) = changes.next() {
            if last.is_some_and(|last| last >= key) {
                builder.copy(self, copied..self.len());
                let mut rest: Vec<_> = std::iter::once((key, change)).chain(changes).collect();
                rest.reverse();
                rest.sort_by_key(|&(key, _)| key);
                rest.dedup_by_key(|&mut (key, _)| key);
                return Self::written(builder.finish()).text_with(rest.into_iter());
            }
            last = Some(key);
            let found = self.place(key).map_or_else(|| self.find(key, copied), Ok);
            let (Ok(place) | Err(place)) = found;
            builder.copy(self, copied..place);
            if let Some(value) = change {
                builder.write(key, value);
            }
            copied = place + usize::from(found.is_ok());
        }
        builder.copy(self, copied..self.len());
        builder.finish()
    }

    /// Returns the text as Flask writes it: a JSON object with sorted keys and no spaces between its members.
    ///
    /// Text that already had this form when it was parsed is returned byte for byte.
    pub fn as_text(&self) -> &str {
        if self.is_empty() { "{}" } else { &self.text }
    }

    /// Indexes text that a builder has written.
    fn written(text: String) -> Self {
        const WRITTEN: &str = "the builder writes an object";
        let mut object = Object::new();
        object.scan(&text, 0).expect(WRITTEN);
        if object.entries.is_empty() {
            return Self::new();
        }
        if let [only] = object.entries[..]
            && text.starts_with(ESCAPE)
        {
            object = Object::new();
            object.scan(&text, only.value.0 as usize).expect(WRITTEN);
            for entry in &mut object.entries {
                entry.key.1 -= 2;
            }
        }
        Self { text, entries: object.entries, plain_keys: object.plain_keys }
    }

    /// Returns the index of a key.
    fn place(&self, key: &str) -> Option<usize> {
        // For a few keys, comparing lengths is faster than a binary search.
        if self.len() > 16 || !self.plain_keys.is_empty() {
            return self.find(key, 0).ok();
        }
        let same = |entry: &Entry| {
            let (start, end) = (entry.key.0 as usize, entry.key.1 as usize);
            end - start == key.len() && self.text.as_bytes()[start..end] == *key.as_bytes()
        };
        self.entries.iter().position(same)
    }

    /// Searches for a key, starting at index `from`. Returns its index, or the index at which it would be inserted.
    fn find(&self, key: &str, from: usize) -> Result<usize, usize> {
        let behind = &self.entries[from..];
        let key = key.as_bytes();
        behind
            .binary_search_by(|entry| entry.key_bytes(&self.text, &self.plain_keys).cmp(key))
            .map(|place| place + from)
            .map_err(|place| place + from)
    }

    fn key(&self, place: usize) -> &str {
        self.entries[place].key(&self.text, &self.plain_keys)
    }

    fn value(&self, place: usize) -> &str {
        slice(&self.text, self.entries[place].value)
    }

    /// Returns whether the text is wrapped in the tag that marks a dict whose only key is itself a tag.
    fn is_escaped(&self) -> bool {
        self.len() == 1 && Tag::of(self.key(0)).is_some()
    }
}

/// Compares the text.
impl PartialEq for Dictionary {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Dictionary {}

/// Omits keys and values, which must not appear in a log.
impl fmt::Debug for Dictionary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dictionary").field("len", &self.len()).finish_non_exhaustive()
    }
}

fn not_an_object() -> Error {
    Error::new(ErrorKind::Value, "the session is not a JSON object")
}

/// Builds the dictionary from a scanned object, and sorts it if necessary.
fn index(mut object: Object, text: String, start: usize, end: usize) -> Result<Dictionary, Error> {
    if !object.sorted && !object.sort(&text) {
        return Err(not_an_object());
    }
    if let [only] = object.entries[..]
        && let Some(tag) = Tag::of(only.key(&text, &object.plain_keys))
    {
        return tagged(tag, &text, only);
    }
    if object.entries.is_empty() {
        return Ok(Dictionary::new());
    }
    let scanned = Dictionary { text, entries: object.entries, plain_keys: object.plain_keys };
    if object.sorted && object.compact && start == 0 && end == scanned.text.len() {
        return Ok(scanned);
    }
    let mut builder = Builder::new(scanned.text.len());
    for entry in &scanned.entries {
        builder.copy_member(&scanned, *entry);
    }
    Ok(Dictionary::written(builder.finish()))
}

/// Builds the dictionary for a session whose text is a tagged value.
fn tagged(tag: Tag, text: &str, only: Entry) -> Result<Dictionary, Error> {
    let value = only.value.0 as usize;
    let mut inner = Object::new();
    if tag == Tag::Dict
        && text.as_bytes().get(value) == Some(&b'{')
        && inner.scan(text, value).is_some()
        && let [member] = inner.entries[..]
    {
        let key = member.key(text, &inner.plain_keys);
        // If the inner key is itself a tag, the value has a different type.
        if Tag::of(key).is_none() {
            let mut builder = Builder::new(text.len());
            builder.write(unescape_key(key), slice(text, member.value));
            return Ok(Dictionary::written(builder.finish()));
        }
    }
    from_value(text)
}

/// Converts a value that is not a dict, as Python's `dict(…)` does.
fn from_value(text: &str) -> Result<Dictionary, Error> {
    let members = Python::read(text)?.into_members().ok_or_else(|| {
        Error::new(ErrorKind::Value, "the session is not a dict, and Python cannot convert it to one")
    })?;
    let members = members.into_iter().map(|(key, value)| Ok((key, value.into_value()?.to_text())));
    let members: BTreeMap<String, String> = members.collect::<Result<_, Error>>()?;
    let mut builder = Builder::new(0);
    for (key, value) in &members {
        builder.write(key, value);
    }
    Ok(Dictionary::written(builder.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Value, from_text};

    fn parse(text: &str) -> Dictionary {
        Dictionary::parse(text).unwrap()
    }

    #[test]
    fn canonical_text_comes_back_byte_for_byte() {
        for text in [
            "{}",
            r#"{"a":1}"#,
            r#"{"":null,"a":[1,{"b":"}"}],"b":"x\"y"}"#,
            r#"{"a":1,"a\"":2,"\u00e9":3,"\uffff":4,"\ud83d\ude00":5}"#,
            r#"{" di":{" t__":{" t":[1,2]}}}"#,
            r#"{" d":1," t":2}"#,
            r#"{" t__":1}"#,
            r#"{"é":"é"}"#,
            r#"{"a":{" zz":{"unknown":"tag"}},"b":"\ud800"}"#,
        ] {
            assert_eq!(parse(text).as_text(), text);
        }
    }

    #[test]
    fn other_text_is_put_in_order_and_its_values_stay_as_they_are() {
        for (text, ordered) in [
            (" { } ", "{}"),
            (" { \"b\" : [ 1 ] , \"a\":2 } \n", r#"{"a":2,"b":[ 1 ]}"#),
            (r#"{"b":1,"a":2,"b":3}"#, r#"{"a":2,"b":3}"#),
            (r#"{"a":1,"\u0061":2}"#, r#"{"\u0061":2}"#),
            (r#"{"b":1,"\u0061":2}"#, r#"{"\u0061":2,"b":1}"#),
            (r#"{ " di" : { "abcd" : 1 } }"#, r#"{"ab":1}"#),
            (r#"{ " di" : { " t__" : [ 1 ] } }"#, r#"{" di":{" t__":[ 1 ]}}"#),
            (r#"{" di":{" di":{" t____":1}}}"#, r#"{" di":{" t__":1}}"#),
            (r#"{" di":{"b__":1,"a__":2}}"#, r#"{"b":1}"#),
        ] {
            assert_eq!(parse(text).as_text(), ordered);
            assert_eq!(parse(ordered).as_text(), ordered);
        }
    }

    #[test]
    fn the_top_levels_that_flask_makes_a_session_of_are_taken() {
        for (text, session) in [
            ("null", "{}"),
            (" [ ] ", "{}"),
            ("\"\"", "{}"),
            (r#"{" t":[]}"#, "{}"),
            (r#"{" d":"no date"}"#, "{}"),
            (r#"{" b":""}"#, "{}"),
            (r#"[["k",1],["j",[2]]]"#, r#"{"j":[2],"k":1}"#),
            (r#"{" t":[["k",1]]}"#, r#"{"k":1}"#),
            (r#"["ab","cd"]"#, r#"{"a":"b","c":"d"}"#),
            (r#"[{" t":[" t",1]}]"#, r#"{" di":{" t__":1}}"#),
        ] {
            assert_eq!(parse(text).as_text(), session, "{text}");
        }
        for text in [
            "",
            "1",
            "true",
            "NaN",
            "\"ab\"",
            "[1]",
            "[\"a\"]",
            "[\"abc\"]",
            "[[1,2]]",
            "[[\"a\"]]",
            r#"{" t":1}"#,
            r#"{" m":"x"}"#,
            r#"{" b":"eA=="}"#,
            r#"{" u":"12121212121212121212121212121212"}"#,
            r#"{" d":"Tue, 02 Jan 2024 03:04:05 GMT"}"#,
            r#"{" di":1}"#,
            r#"{" di":{}}"#,
            r#"{" di":{"a":1,"b":01}}"#,
        ] {
            assert!(Dictionary::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn text_that_is_broken_at_the_top_is_refused() {
        for text in [
            "{",
            "{\"a\"",
            "{\"a\":",
            "{\"a\":1",
            "{\"a\":1,",
            "{\"a\":1,}",
            "{,}",
            "{\"a\":}",
            "{\"a\":,}",
            "{a:1}",
            "{\"a\":1}x",
            "{\"a\":1}}",
            "{\"a\" 1}",
            "{\"a\":1 \"b\":2}",
            "{\"a\":[1}",
            "{\"a\":\"}",
            "\u{feff}{}",
            "{\"\n\":1}",
            "{\"\\x\":1}",
            "{\"\\ud800\":1}",
        ] {
            assert!(Dictionary::parse(text).is_err(), "{text}");
        }
        assert!(Dictionary::parse("{\"a\":".repeat(1_000_000)).is_err());
    }

    #[test]
    fn a_value_that_is_broken_inside_is_an_error_for_its_key_alone() {
        for broken in [
            "01",
            "tru",
            "nan",
            "\"\\x\"",
            "\"\\ud800\"",
            "[1,]",
            "[}",
            "{\"a\"}",
            "{\" t\":5}",
            "{\" b\":\"A\"}",
            "\"\n\"",
        ] {
            let text = format!("{{\"a\":1,\"b\":{broken},\"c\":\"x\"}}");
            let session = parse(&text);
            assert_eq!(session.as_text(), text);
            assert_eq!(session.get("b"), Some(broken));
            assert!(from_text::<Value>(broken).is_err());
            assert_eq!(from_text::<u8>(session.get("a").unwrap()).unwrap(), 1);
            assert_eq!(from_text::<String>(session.get("c").unwrap()).unwrap(), "x");
        }
        let deep = format!("{{\"a\":{}{},\"b\":2}}", "[".repeat(100_000), "]".repeat(100_000));
        let session = parse(&deep);
        assert!(from_text::<Value>(session.get("a").unwrap()).is_err());
        assert_eq!(session.get("b"), Some("2"));
    }

    #[test]
    fn keys_are_found_by_what_they_mean() {
        let session = parse(r#"{"a":1,"a\"":2,"\u00e9":3}"#);
        assert_eq!(session.get("\u{e9}"), Some("3"));
        assert_eq!(session.get("a\""), Some("2"));
        assert_eq!(session.get("\\u00e9"), None);
        assert!(session.contains("a") && !session.contains("b"));
        assert_eq!(session.keys().collect::<Vec<_>>(), ["a", "a\"", "\u{e9}"]);
        assert_eq!(session.iter().map(|(_, value)| value).collect::<Vec<_>>(), ["1", "2", "3"]);
        assert_eq!((session.len(), session.is_empty()), (3, false));
        assert_eq!(parse(r#"{" di":{" t__":5}}"#).get(" t"), Some("5"));
    }

    #[test]
    fn changes_are_merged_in_order() {
        let session = parse(r#"{"b":[ 1 ],"d":2,"\u00e9":3}"#);
        let with = |changes: &[(&'static str, Option<&'static str>)]| {
            session.with(changes.iter().copied()).as_text().to_owned()
        };
        assert_eq!(with(&[]), session.as_text());
        assert_eq!(with(&[("a", Some("0"))]), r#"{"a":0,"b":[ 1 ],"d":2,"\u00e9":3}"#);
        assert_eq!(with(&[("c", Some("0")), ("d", None)]), r#"{"b":[ 1 ],"c":0,"\u00e9":3}"#);
        assert_eq!(
            with(&[("\u{e9}", Some("4")), ("\u{1f600}", Some("5"))]),
            r#"{"b":[ 1 ],"d":2,"\u00e9":4,"\ud83d\ude00":5}"#
        );
        assert_eq!(with(&[("b", None), ("d", None), ("\u{e9}", None)]), "{}");
        assert_eq!(with(&[("x", None)]), session.as_text());
        assert_eq!(
            with(&[("d", Some("9")), ("a", Some("8")), ("d", Some("7")), ("a", Some("6"))]),
            r#"{"a":6,"b":[ 1 ],"d":7,"\u00e9":3}"#
        );
    }

    #[test]
    fn a_dictionary_becomes_escaped_and_plain_again() {
        let plain = parse(r#"{" t":1,"a":2}"#);
        let escaped = plain.with([("a", None)].into_iter());
        assert_eq!(escaped.as_text(), r#"{" di":{" t__":1}}"#);
        assert_eq!(escaped.get(" t"), Some("1"));
        assert_eq!(escaped.with([("a", Some("2"))].into_iter()), plain);
        assert_eq!(escaped.with([(" t", Some("3"))].into_iter()).as_text(), r#"{" di":{" t__":3}}"#);
        assert_eq!(
            Dictionary::new().with([(" di", Some("{}"))].into_iter()).as_text(),
            r#"{" di":{" di__":{}}}"#
        );
        assert_eq!(escaped.with([(" t", None)].into_iter()), Dictionary::new());
    }

    #[test]
    fn a23_nothing_of_a_session_is_in_its_debug_form() {
        assert_eq!(format!("{:?}", parse(r#"{"secret":"hunter2"}"#)), "Dictionary { len: 1, .. }");
    }
}
