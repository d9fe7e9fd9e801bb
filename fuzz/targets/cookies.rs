//! Parses `Cookie` headers, one on each line of the input, with every parser. No parser may panic, and the parsers must
//! find the same cookies.

#![no_main]

use hardtack_core::cookie::{Cookies, Limits, WerkzeugParser, find};
use libfuzzer_sys::fuzz_target;

const NAMES: [&str; 5] = ["a", "session", "__Host-session", "\u{e9}", ""];

fuzz_target!(|data: &[u8]| {
    let headers: Vec<&[u8]> = data.split(|&byte| byte == b'\n').collect();
    let cookies = Cookies::parse(&headers);
    for (name, value) in cookies.iter_raw() {
        assert!(!name.is_empty() && !value.contains(&b';'));
        let name = str::from_utf8(name).unwrap_or_default();
        if !name.is_empty() {
            let found: Vec<&[u8]> = find(headers.iter().copied(), name).collect();
            let whole = cookies.iter_raw().filter(|(other, _)| *other == name.as_bytes());
            assert_eq!(found, whole.map(|(_, value)| value).collect::<Vec<_>>());
        }
    }
    let few = Cookies::parse_within(Limits::default().bytes(100).pairs(3), &headers);
    assert!(few.len() <= 3);
    assert!(few.iter_raw().zip(cookies.iter_raw()).all(|(few, all)| few == all));

    for parser in [WerkzeugParser::V3_1_9, WerkzeugParser::V3_1_8] {
        let cookies = Cookies::werkzeug(parser, &headers);
        // Every cookie that Werkzeug's parser finds is text.
        assert_eq!(cookies.iter().count(), cookies.len());
        let names = cookies.iter().map(|(name, _)| name).chain(NAMES).take(20).collect::<Vec<_>>();
        for name in names {
            let first = parser.first(headers.iter().copied(), name);
            assert_eq!(first.as_deref(), cookies.get(name).map(str::as_bytes), "{name:?}");
        }
        let _ = Cookies::werkzeug_utf8(parser, &headers);
    }
});
