//! Parses tagged JSON with every parser. The parsers must agree on which text is a value, and must read back every
//! value that is written.

#![no_main]

use std::collections::BTreeMap;

use hardtack_core::protocol::{Dictionary, read_flashes};
use hardtack_core::value::{Bytes, DateTime, Uuid, Value, breaks_flask, from_text, is_truthy, to_text};
use libfuzzer_sys::fuzz_target;
use serde::de::IgnoredAny;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = str::from_utf8(data) else { return };
    let value = Value::from_text(text);
    assert_eq!(value.is_ok(), from_text::<IgnoredAny>(text).is_ok());
    assert!(value.is_err() || !breaks_flask(text), "Flask can read every value that is read here");
    if let Ok(value) = value {
        let written = value.to_text();
        assert!(written.is_ascii());
        assert_eq!(to_text(&value).expect("a value that was read can be written"), written);
        assert_eq!(
            Value::from_text(&written).expect("a value that was written can be read").to_text(),
            written
        );
        assert_eq!(is_truthy(text), is_truthy(&written));
    }
    let _ = from_text::<Vec<String>>(text);
    let _ = from_text::<(Option<DateTime>, Uuid)>(text);
    let _ = from_text::<BTreeMap<String, Bytes>>(text);
    let _ = read_flashes(Some(text));
    if let Ok(session) = Dictionary::parse(text) {
        assert_eq!(
            Dictionary::parse(session.as_text()).expect("a value that was written can be read"),
            session
        );
        let again = Dictionary::new().with(session.iter().map(|(_, value)| ("a", Some(value))));
        assert_eq!(again.len(), usize::from(!session.is_empty()));
    }
});
