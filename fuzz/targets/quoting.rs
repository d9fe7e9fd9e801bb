//! Writes a cookie's value as Werkzeug does, and checks that every parser reads it back.

#![no_main]

use hardtack_core::cookie::werkzeug::unquote;
use hardtack_core::cookie::{Cookies, SetCookie, WerkzeugParser};
use libfuzzer_sys::fuzz_target;

const PARSERS: [WerkzeugParser; 2] = [WerkzeugParser::V3_1_9, WerkzeugParser::V3_1_8];

fuzz_target!(|data: &[u8]| {
    let Ok(value) = str::from_utf8(data) else { return };
    // `to_header` refuses control characters that Werkzeug does not escape, and values that are too long.
    if let Ok(line) = SetCookie::werkzeug("a", value).to_header() {
        let pair = line.split(';').next().unwrap_or_default();
        let written = pair.strip_prefix("a=").expect("the pair has the given name");
        assert_eq!(unquote(written), value);
        for parser in PARSERS {
            assert_eq!(Cookies::werkzeug(parser, [pair]).get("a"), Some(value));
            assert_eq!(Cookies::werkzeug_utf8(parser, [pair]).ok().as_ref().and_then(|it| it.get("a")), Some(value));
            assert_eq!(parser.first([pair], "a").as_deref(), Some(value.as_bytes()));
        }
    }
    // If the parser keeps the whole value, quoted or not, it must read the value as `unquote` does.
    let pair = format!("a={value}");
    if let Ok(cookies) = Cookies::werkzeug_utf8(WerkzeugParser::V3_1_9, [&pair])
        && cookies.len() == 1
        && cookies.get_raw("a") == Some(value.as_bytes())
    {
        assert_eq!(cookies.get("a"), Some(&*unquote(value)));
    }
});
