//! Compares the cookies that this crate writes and reads with those of the real Werkzeug.
//!
//! Runs every `*_parse_cookie.json` and `*_dump_cookie.json` in the folder in `HARDTACK_VECTORS`. The default is
//! `vectors/` in this repository.

#[path = "common/vectors.rs"]
mod vectors;

use std::time::{Duration, SystemTime};

use hardtack_core::cookie::werkzeug::{Argument, DumpCookie};
use hardtack_core::cookie::{Cookies, RemoveCookie, SetCookie, WerkzeugParser};
use serde_json::{Map, Value};
use vectors::{Outcome, run};

const MAX_SKIPPED_DUMPS: usize = 25;

#[test]
fn cookie_headers_are_read_as_werkzeug_reads_them() {
    run_cases("_parse_cookie.json", 0, parse_case);
}

#[test]
fn cookies_are_written_as_werkzeug_writes_them() {
    run_cases("_dump_cookie.json", MAX_SKIPPED_DUMPS, dump_case);
}

/// Runs the cases. `case` returns an error that describes the difference if the case fails, and otherwise an outcome.
fn run_cases(ending: &str, most_skipped: usize, case: impl Fn(&Value) -> Result<Outcome, String>) {
    run(ending, most_skipped, |_| true, |vector| case(vector).unwrap_or_else(Outcome::Failed));
}

// Reading

fn parse_case(vector: &Value) -> Result<Outcome, String> {
    let header = match header_of(vector) {
        Ok(header) => header,
        Err(reason) => return Ok(Outcome::Skipped(reason)),
    };
    let strict = &vector["wz_3_1_9"];
    if !strict["request_cookies"].is_array() {
        return Ok(Outcome::Skipped("it does not say what Werkzeug 3.1.9 reads".to_owned()));
    }
    let lenient = vector.get("wz_3_1_8").unwrap_or(strict);
    for (parser, expected) in [(WerkzeugParser::V3_1_9, strict), (WerkzeugParser::V3_1_8, lenient)] {
        let request = Cookies::werkzeug(parser, [&header]);
        same(&format!("{parser:?} request_cookies"), &pairs(&request), &expected["request_cookies"])?;
        let function = Cookies::werkzeug_utf8(parser, [&header]);
        match (&function, expected.get("parse_cookie_error")) {
            (Err(_), Some(_)) => {}
            (Ok(cookies), None) => {
                same(&format!("{parser:?} parse_cookie"), &pairs(cookies), &expected["parse_cookie"])?;
            }
            (ours, theirs) => {
                return Err(format!("{parser:?} parse_cookie: {ours:?}, not {theirs:?}"));
            }
        }
        for (name, first) in expected["first"].as_object().into_iter().flatten() {
            same(&format!("{parser:?} first {name:?}"), &request.get(name), first)?;
        }
        if let Some(grouped) = expected.get("request_cookies_multidict_items") {
            same(&format!("{parser:?} grouped"), &grouped_pairs(&request), grouped)?;
        }
        no_raw_byte_is_invented(&request, &header)?;
    }
    Ok(Outcome::Passed)
}

/// Returns the header's bytes, which are given in hex, as Latin-1 text, or, for a long header, as a Python expression.
fn header_of(vector: &Value) -> Result<Vec<u8>, String> {
    let header = if let Some(hex) = vector["header_hex"].as_str() {
        from_hex(hex).ok_or("the header is not in hex")?
    } else if let Some(text) = vector["header_latin1"].as_str() {
        latin1(text).ok_or("the header is not Latin-1")?
    } else {
        let recipe = vector["header_recipe"].as_str().ok_or("no header in this case")?;
        Recipe { rest: recipe }.sum().ok_or_else(|| format!("the recipe {recipe} is not understood"))?
    };
    match vector["header_len"].as_u64() {
        Some(length) if length != header.len() as u64 => {
            Err(format!("the header has {} bytes", header.len()))
        }
        _ => Ok(header),
    }
}

/// A parser for a Python expression of strings, `+`, `*`, and parentheses.
struct Recipe<'a> {
    rest: &'a str,
}

impl Recipe<'_> {
    fn sum(mut self) -> Option<Vec<u8>> {
        let text = self.terms()?;
        self.rest.trim().is_empty().then_some(text)
    }

    fn terms(&mut self) -> Option<Vec<u8>> {
        let mut text = self.product()?;
        while self.eat('+') {
            text.extend(self.product()?);
        }
        Some(text)
    }

    fn product(&mut self) -> Option<Vec<u8>> {
        let (mut text, mut times) = (None, 1);
        loop {
            self.rest = self.rest.trim_start();
            let digits = self.rest.chars().take_while(char::is_ascii_digit).count();
            if digits > 0 {
                times *= self.rest[..digits].parse::<usize>().ok()?;
                self.rest = &self.rest[digits..];
            } else if self.eat('(') {
                text = Some(self.terms()?);
                self.eat(')').then_some(())?;
            } else {
                text = Some(self.literal()?);
            }
            if !self.eat('*') {
                return Some(text?.repeat(times));
            }
        }
    }

    fn literal(&mut self) -> Option<Vec<u8>> {
        let quote = self.rest.chars().next().filter(|quote| "'\"".contains(*quote))?;
        let mut chars = self.rest[1..].char_indices();
        let mut text = Vec::new();
        while let Some((at, char)) = chars.next() {
            match char {
                '\\' => text.push(match chars.next()?.1 {
                    'n' => b'\n',
                    'r' => b'\r',
                    't' => b'\t',
                    'x' => {
                        let pair: String = [chars.next()?.1, chars.next()?.1].iter().collect();
                        u8::from_str_radix(&pair, 16).ok()?
                    }
                    other => u8::try_from(other).ok()?,
                }),
                _ if char == quote => {
                    self.rest = &self.rest[1..][at + 1..];
                    return Some(text);
                }
                _ => text.push(u8::try_from(char).ok()?),
            }
        }
        None
    }

    fn eat(&mut self, token: char) -> bool {
        let stripped = self.rest.trim_start().strip_prefix(token);
        self.rest = stripped.unwrap_or(self.rest);
        stripped.is_some()
    }
}

fn pairs(cookies: &Cookies) -> Vec<(&str, &str)> {
    cookies.iter().collect()
}

/// Returns pairs in the order of Python's `MultiDict.items(multi=True)`: pairs with the same name are grouped at the
/// position of the first one.
fn grouped_pairs(cookies: &Cookies) -> Vec<(&str, &str)> {
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in cookies.iter() {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.iter().flat_map(|name| cookies.get_all(name).map(move |value| (*name, value))).collect()
}

fn no_raw_byte_is_invented(cookies: &Cookies, header: &[u8]) -> Result<(), String> {
    let within = |part: &[u8]| part.is_empty() || header.windows(part.len()).any(|window| window == part);
    match cookies.len() < 100 && header.len() < 1_000 && !cookies.iter_raw().all(|(_, value)| within(value)) {
        true => Err("a raw value was not in the header".to_owned()),
        false => Ok(()),
    }
}

// Writing

fn dump_case(vector: &Value) -> Result<Outcome, String> {
    let arguments = match Arguments::of(vector) {
        Ok(arguments) => arguments,
        Err(reason) => return Ok(Outcome::Skipped(reason.to_owned())),
    };
    let now = at(vector["now"].as_f64().unwrap_or_default());
    let function = vector["function"].as_str().unwrap_or_default();
    if !["dump_cookie", "set_cookie", "delete_cookie"].contains(&function) {
        return Ok(Outcome::Skipped(format!("there is no counterpart of the function {function:?}")));
    }
    if !vector["header"].is_string() && vector["error"].is_null() {
        return Ok(Outcome::Skipped("it does not say what Werkzeug writes".to_owned()));
    }
    let dumped = match arguments.dump(function, now) {
        Ok(dumped) => dumped,
        Err(reason) => return Ok(Outcome::Skipped(reason.to_owned())),
    };
    let expected = vector["header"].as_str();
    match (&dumped, expected) {
        (Err(_), None) => {}
        (Ok(ours), Some(theirs)) if Some(ours.as_bytes()) == latin1(theirs).as_deref() => {}
        (Err(_), Some(_)) if arguments.has_domain_beyond_ascii() => {
            return Ok(Outcome::Skipped("a domain that needs Unicode tables".to_owned()));
        }
        _ => return Err(format!("{dumped:?}, not {expected:?} or {:?}", vector["error"])),
    }
    if let (Ok(header), Some(expected)) = (&dumped, expected) {
        let limit = match arguments.int("max_size") {
            Ok(limit) => limit.unwrap_or(4093),
            Err(reason) => return Ok(Outcome::Skipped(reason)),
        };
        let due = limit != 0 && header.len() as i64 > limit;
        let warned = vector["warnings"].as_array().is_some_and(|warnings| !warnings.is_empty());
        if due != warned {
            return Err(format!("a warning is due: {due}, Python warned: {warned}"));
        }
        same_when_checked(&arguments, function, now, expected)?;
    }
    Ok(Outcome::Passed)
}

/// Checks that this crate's builders write the same header, if they can express the cookie and accept it.
fn same_when_checked(
    arguments: &Arguments,
    function: &str,
    now: SystemTime,
    expected: &str,
) -> Result<(), String> {
    let ours =
        if function == "delete_cookie" { arguments.remove_cookie() } else { arguments.set_cookie(now) };
    match ours.map(|cookie| cookie.ok()) {
        Some(Some(header)) if Some(header.as_bytes()) != latin1(expected).as_deref() => {
            Err(format!("the builder wrote {header:?}"))
        }
        _ => Ok(()),
    }
}

/// The arguments of a call by name, each in the neutral form of the vectors.
struct Arguments(Map<String, Value>);

/// The order of the positional arguments of `dump_cookie` and `set_cookie`.
const POSITIONS: [&str; 12] = [
    "key",
    "value",
    "max_age",
    "expires",
    "path",
    "domain",
    "secure",
    "httponly",
    "sync_expires",
    "max_size",
    "samesite",
    "partitioned",
];

const SET_COOKIE_POSITIONS: [&str; 10] =
    ["key", "value", "max_age", "expires", "path", "domain", "secure", "httponly", "samesite", "partitioned"];

const DELETE_COOKIE_POSITIONS: [&str; 7] =
    ["key", "path", "domain", "secure", "httponly", "samesite", "partitioned"];

impl Arguments {
    /// Returns the arguments of a case, or an error if an argument has a type that no Rust program can pass.
    fn of(vector: &Value) -> Result<Self, &'static str> {
        let positions: &[&str] = match vector["function"].as_str() {
            Some("delete_cookie") => &DELETE_COOKIE_POSITIONS,
            Some("set_cookie") => &SET_COOKIE_POSITIONS,
            _ => &POSITIONS,
        };
        let mut arguments = vector["kwargs"].as_object().cloned().unwrap_or_default();
        for (name, value) in positions.iter().zip(vector["args"].as_array().into_iter().flatten()) {
            arguments.insert((*name).to_owned(), value.clone());
        }
        let arguments = Self(arguments);
        for (name, value) in &arguments.0 {
            if !POSITIONS.contains(&name.as_str()) {
                return Err("an argument that is not known here");
            }
            let kind = value["type"].as_str().unwrap_or_default();
            match (name.as_str(), kind) {
                (_, "str_cp") => return Err("a lone surrogate is no Rust string"),
                ("key" | "value", kind) if kind != "str" => {
                    return Err("a name or value that is no str");
                }
                ("samesite" | "domain", kind) if !matches!(kind, "str" | "none") => {
                    return Err("a SameSite or domain that is no str");
                }
                ("path", kind) if !matches!(kind, "str" | "bytes" | "none") => {
                    return Err("a path that is no text");
                }
                (
                    _,
                    "none" | "bool" | "int" | "float" | "str" | "datetime" | "date" | "timedelta" | "bytes",
                ) => {}
                _ => return Err("a Python type without a counterpart"),
            }
        }
        Ok(arguments)
    }

    fn dump(
        &self,
        function: &str,
        now: SystemTime,
    ) -> Result<Result<String, hardtack_core::Error>, &'static str> {
        let mut cookie =
            DumpCookie::new(self.text("key").unwrap_or_default(), self.text("value").unwrap_or_default());
        if let Some(path) = self.path() {
            cookie = cookie.path(path.as_deref());
        }
        if let Some(domain) = self.text("domain") {
            cookie = cookie.domain(domain);
        }
        if let Some(same_site) = self.text("samesite") {
            cookie = cookie.same_site(same_site);
        }
        for (name, set) in [
            ("secure", DumpCookie::secure as fn(DumpCookie, Argument) -> DumpCookie),
            ("httponly", DumpCookie::http_only),
            ("partitioned", DumpCookie::partitioned),
            ("expires", DumpCookie::expires),
        ] {
            if let Some(argument) = self.argument(name)? {
                cookie = set(cookie, argument);
            }
        }
        if function == "delete_cookie" {
            cookie = cookie.expires(0_i64).max_age_alone(0_i64);
        } else if let Some(max_age) = self.argument("max_age")? {
            let alone = self.argument("sync_expires")?.is_some_and(|sync| falsy(&sync));
            cookie = if alone { cookie.max_age_alone(max_age) } else { cookie.max_age(max_age, now) };
        }
        Ok(if function == "dump_cookie" { cookie.dump() } else { cookie.to_header() })
    }

    /// Creates the same cookie with the checked builder, if that builder can express the cookie.
    fn set_cookie(&self, now: SystemTime) -> Option<Result<String, hardtack_core::Error>> {
        let mut cookie = SetCookie::werkzeug(self.text("key")?, self.text("value").unwrap_or_default());
        match (self.argument("max_age").ok()?, self.argument("expires").ok()?) {
            (None | Some(Argument::None), None | Some(Argument::None)) => {}
            (None, Some(Argument::Time(time))) => cookie = cookie.expires(time),
            (Some(Argument::Int(seconds @ 0..)), None) => {
                let max_age = Duration::from_secs(seconds.unsigned_abs());
                let alone = self.argument("sync_expires").ok()?.is_some_and(|sync| falsy(&sync));
                cookie = if alone { cookie.max_age(max_age) } else { cookie.expires_in(now, max_age) };
            }
            _ => return None,
        }
        match self.path() {
            None => {}
            Some(None) => cookie = cookie.no_path(),
            Some(Some(path)) => cookie = cookie.path(path),
        }
        if let Some(domain) = self.text("domain") {
            cookie = cookie.domain(domain);
        }
        if let Some(same_site) = self.text("samesite") {
            cookie = cookie.same_site(same_site.parse().ok()?);
        }
        cookie = if self.flag("secure")? { cookie.secure() } else { cookie };
        cookie = if self.flag("httponly")? { cookie.http_only() } else { cookie };
        cookie = if self.flag("partitioned")? { cookie.partitioned() } else { cookie };
        Some(cookie.to_header())
    }

    fn remove_cookie(&self) -> Option<Result<String, hardtack_core::Error>> {
        let mut cookie = RemoveCookie::werkzeug(self.text("key")?);
        match self.path() {
            None => {}
            Some(None) => cookie = cookie.no_path(),
            Some(Some(path)) => cookie = cookie.path(path),
        }
        if let Some(domain) = self.text("domain") {
            cookie = cookie.domain(domain);
        }
        if let Some(same_site) = self.text("samesite") {
            cookie = cookie.same_site(same_site.parse().ok()?);
        }
        cookie = if self.flag("secure")? { cookie.secure() } else { cookie };
        cookie = if self.flag("httponly")? { cookie.http_only() } else { cookie };
        cookie = if self.flag("partitioned")? { cookie.partitioned() } else { cookie };
        Some(cookie.to_header())
    }

    fn text(&self, name: &str) -> Option<String> {
        self.0.get(name)?["value"].as_str().map(str::to_owned)
    }

    fn path(&self) -> Option<Option<String>> {
        let path = self.0.get("path")?;
        Some(match path["hex"].as_str() {
            // Percent-encoded characters stay unchanged, so a path with bytes that are not UTF-8 can also be passed as
            // a string.
            Some(hex) => {
                Some(
                    from_hex(hex)?
                        .iter()
                        .map(|byte| {
                            if byte.is_ascii() {
                                char::from(*byte).to_string()
                            } else {
                                format!("%{byte:02X}")
                            }
                        })
                        .collect(),
                )
            }
            None => path["value"].as_str().map(str::to_owned),
        })
    }

    fn flag(&self, name: &str) -> Option<bool> {
        match self.argument(name).ok()? {
            None | Some(Argument::None) => Some(false),
            Some(Argument::Bool(flag)) => Some(flag),
            Some(_) => None,
        }
    }

    fn int(&self, name: &str) -> Result<Option<i64>, String> {
        match self.argument(name)? {
            None | Some(Argument::None) => Ok(None.or(self.0.get(name).map(|_| 0))),
            Some(Argument::Int(int)) => Ok(Some(int)),
            Some(Argument::Bool(bool)) => Ok(Some(i64::from(bool))),
            Some(other) => Err(format!("{name} is {other:?}")),
        }
    }

    fn argument(&self, name: &str) -> Result<Option<Argument>, &'static str> {
        let Some(value) = self.0.get(name) else { return Ok(None) };
        let text = value["value"].as_str().unwrap_or_default();
        Ok(Some(match value["type"].as_str().unwrap_or_default() {
            "none" => Argument::None,
            "bool" => Argument::Bool(value["value"].as_bool().unwrap_or_default()),
            "int" => Argument::Int(text.parse().map_err(|_| "an int of more than 64 bits")?),
            "float" => {
                let bits = u64::from_str_radix(value["bits"].as_str().unwrap_or_default(), 16);
                Argument::Float(f64::from_bits(bits.map_err(|_| "a float without bits")?))
            }
            "str" => Argument::from(text),
            "timedelta" => {
                Argument::Int(value["us"].as_i64().ok_or("a timedelta without microseconds")? / 1_000_000)
            }
            "datetime" | "date" => Argument::Time(moment(value).ok_or("a moment without its fields")?),
            _ => return Err("a Python type that is no flag, number or time"),
        }))
    }

    fn has_domain_beyond_ascii(&self) -> bool {
        self.text("domain").is_some_and(|domain| !domain.is_ascii())
    }
}

fn falsy(argument: &Argument) -> bool {
    matches!(argument, Argument::None | Argument::Bool(false) | Argument::Int(0))
}

/// Converts a datetime or date. A datetime without an offset is treated as UTC.
fn moment(value: &Value) -> Option<SystemTime> {
    let fields: Vec<i64> =
        value["fields"].as_array().into_iter().flatten().filter_map(Value::as_i64).collect();
    let field = |index: usize| fields.get(index).copied().unwrap_or_default();
    if fields.len() < 3 || !(1..=12).contains(&field(1)) {
        return None;
    }
    let days = days_before(field(0), field(1)) + field(2) - 1 - days_before(1970, 1);
    let seconds = days * 86_400 + field(3) * 3_600 + field(4) * 60 + field(5);
    Some(at(seconds as f64 - value["utcoffset_s"].as_f64().unwrap_or_default()))
}

/// Returns the number of days from the start of year 1 to the start of a month.
fn days_before(year: i64, month: i64) -> i64 {
    let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let lengths = [31, 28 + i64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let before = year - 1;
    before * 365 + before / 4 - before / 100
        + before / 400
        + lengths.iter().take(month as usize - 1).sum::<i64>()
}

fn at(seconds: f64) -> SystemTime {
    let distance = Duration::from_secs_f64(seconds.abs());
    if seconds < 0.0 { SystemTime::UNIX_EPOCH - distance } else { SystemTime::UNIX_EPOCH + distance }
}

fn same<T: serde::Serialize + ?Sized>(what: &str, ours: &T, theirs: &Value) -> Result<(), String> {
    let ours = serde_json::to_value(ours).map_err(|error| error.to_string())?;
    if ours == *theirs { Ok(()) } else { Err(format!("{what}: {ours}, not {theirs}")) }
}

fn latin1(text: &str) -> Option<Vec<u8>> {
    text.chars().map(|char| u8::try_from(char).ok()).collect()
}

fn from_hex(hex: &str) -> Option<Vec<u8>> {
    let pair = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok();
    hex.as_bytes().chunks(2).map(pair).collect()
}
