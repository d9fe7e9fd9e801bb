//! Tests with random values, strings, and changes, from fixed seeds.

use std::collections::BTreeMap;

use hardtack_core::protocol::Dictionary;
use hardtack_core::value::{DateTime, Markup, Uuid, Value, from_text, to_text};

/// A small random number generator (SplitMix64), with fixed seeds so that failures are reproducible.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    fn pick<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }

    fn string(&mut self) -> String {
        let pieces = [
            "a",
            "Z",
            "_",
            " ",
            "\"",
            "\\",
            "\n",
            "\0",
            "\u{7f}",
            "\u{e9}",
            "\u{2028}",
            "\u{ffff}",
            "\u{1f600}",
            "abcdefgh",
        ];
        (0..self.below(5)).map(|_| self.pick(&pieces)).collect()
    }

    fn key(&mut self) -> String {
        match self.below(3) {
            0 => self.string(),
            _ => {
                self.pick(&[" t", " b", " m", " u", " d", " di", " t__", "a", "b", "c", "\u{e9}"]).to_owned()
            }
        }
    }

    fn value(&mut self, depth: usize) -> Value {
        match self.below(if depth > 0 { 14 } else { 10 }) {
            0 => Value::Null,
            1 => Value::Bool(self.below(2) == 0),
            2 => Value::Int(self.next() as i64 >> self.below(64)),
            3 => Value::from(u128::from(self.next()) << self.below(60)),
            4 => {
                Value::Float(Some(f64::from_bits(self.next())).filter(|float| !float.is_nan()).unwrap_or(0.5))
            }
            5 => Value::String(self.string()),
            6 => Value::Bytes(self.string().into_bytes()),
            7 => Value::Markup(Markup::new(self.string())),
            8 => Value::Uuid(Uuid::from_bytes(
                (u128::from(self.next()) << 64 | u128::from(self.next())).to_be_bytes(),
            )),
            // Start at the year 100, because earlier years are read back as different years.
            9 => {
                let seconds = (self.next() as i64).rem_euclid(312_413_760_000) - 59_011_459_200;
                Value::DateTime(DateTime::from_unix_seconds(seconds).expect("a moment before the year 10000"))
            }
            10 => Value::List((0..self.below(4)).map(|_| self.value(depth - 1)).collect()),
            11 => Value::Tuple((0..self.below(4)).map(|_| self.value(depth - 1)).collect()),
            _ => Value::Dict((0..self.below(3)).map(|_| (self.key(), self.value(depth - 1))).collect()),
        }
    }
}

#[test]
fn values_come_back_as_they_went() {
    let mut random = Random(1);
    for _ in 0..20_000 {
        let value = random.value(4);
        let text = value.to_text();
        assert!(text.is_ascii());
        assert_eq!(to_text(&value).unwrap(), text);
        let back = Value::from_text(&text).unwrap();
        assert_eq!(back.to_text(), text);
    }
}

#[test]
fn mutated_text_is_read_alike_every_way_or_refused() {
    let mut random = Random(2);
    let splinters = [
        "{", "}", "[", "]", ",", ":", "\"", "\\", " ", "0", "-", ".", "e", "t", "\" t\"", "\\u", "\u{e9}",
        "\0",
    ];
    for _ in 0..40_000 {
        let mut text = random.value(3).to_text();
        for _ in 0..1 + random.below(3) {
            let place = random.below(text.len() + 1);
            if !text.is_char_boundary(place) {
                continue;
            }
            match random.below(3) {
                0 => text.insert_str(place, random.pick(&splinters)),
                1 => text.truncate(place),
                _ if place < text.len() => drop(text.remove(place)),
                _ => {}
            }
        }
        let value = Value::from_text(&text);
        let ignored = from_text::<serde::de::IgnoredAny>(&text);
        assert_eq!(value.is_ok(), ignored.is_ok(), "{text}");
        let _ = from_text::<Vec<String>>(&text);
        let _ = from_text::<BTreeMap<String, Vec<u8>>>(&text);
        let _ = from_text::<(String, Option<DateTime>)>(&text);
        let Ok(session) = Dictionary::parse(text.as_str()) else { continue };
        assert_eq!(Dictionary::parse(session.as_text()).unwrap(), session, "{text}");
        if let Ok(Value::Dict(dict)) = value {
            let read: BTreeMap<String, Value> =
                session.iter().map(|(key, value)| (key.into_owned(), from_text(value).unwrap())).collect();
            assert_eq!(Value::Dict(read).to_text(), Value::Dict(dict).to_text(), "{text}");
        }
    }
}

#[test]
fn a_dictionary_changes_as_a_map_does() {
    let mut random = Random(3);
    let mut map: BTreeMap<String, String> = BTreeMap::new();
    let mut session = Dictionary::new();
    for _ in 0..20_000 {
        let changes: BTreeMap<String, Option<String>> = (0..random.below(4))
            .map(|_| (random.key(), (random.below(2) == 0).then(|| random.value(1).to_text())))
            .collect();
        if map.len() > 20 {
            map.clear();
            session = Dictionary::new();
        }
        session = session.with(changes.iter().map(|(key, change)| (key.as_str(), change.as_deref())));
        for (key, change) in changes {
            match change {
                Some(value) => drop(map.insert(key, value)),
                None => drop(map.remove(&key)),
            }
        }
        let members: Vec<(String, String)> =
            session.iter().map(|(key, value)| (key.into_owned(), value.to_owned())).collect();
        assert_eq!(members, map.clone().into_iter().collect::<Vec<_>>());
        let parsed = Dictionary::parse(session.as_text()).unwrap();
        assert_eq!(parsed, session);
        assert!(parsed.iter().eq(session.iter()));
        for key in map.keys() {
            assert_eq!(session.get(key), map.get(key).map(String::as_str));
        }
    }
}
