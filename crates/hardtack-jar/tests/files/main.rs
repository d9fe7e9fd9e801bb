//! Tests cookie files, ordinary and unusual, in the form in which real tools write them. Each has a file with its
//! expected outcome: `NAME.expected` for `NAME.txt`, `NAME.json`, or `NAME.har`. To add a case, add a file.
//!
//! The first lines of an expectation may be comments (`# why`) and settings: `import format wget`,
//! `import origin https://example.com/`, and `import written 1795930000`. With `HARDTACK_BLESS=1`, the runner writes
//! the actual outcome after them.

#![cfg(all(feature = "json", feature = "psl"))]

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use std::{env, fs};

use hardtack_jar::{Format, Import, Imported, Jar, RequestContext, StoredCookie};

/// The time at which the files are imported: 2026-11-29, 07:00:00 UTC.
const NOW: u64 = 1_795_935_600;

/// The minimum length of values that the test searches for in messages. Messages do not contain such values by chance.
const SHORTEST_SECRET: usize = 4;

fn time(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

fn inputs() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files");
    let entries = fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry").path());
    let is_input = |path: &PathBuf| {
        !["rs", "expected"].iter().any(|end| path.extension().is_some_and(|ext| ext == *end))
    };
    let mut inputs: Vec<_> = entries.filter(is_input).collect();
    inputs.sort();
    inputs
}

/// The settings at the beginning of an expectation.
struct Settings {
    lines: String,
    format: Option<Format>,
    origin: Option<RequestContext>,
    written: Option<SystemTime>,
}

impl Settings {
    /// Parses the settings, and also returns the rest of the expectation.
    fn split(expectation: &str) -> (Self, &str) {
        let mut settings = Self { lines: String::new(), format: None, origin: None, written: None };
        let mut rest = expectation;
        while let Some((line, next)) = rest.split_once('\n').filter(|(line, _)| is_setting(line)) {
            settings.lines.push_str(line);
            settings.lines.push('\n');
            if let Some(name) = line.strip_prefix("import format ") {
                let format = Format::ALL.iter().find(|format| format.name() == name);
                settings.format = Some(*format.unwrap_or_else(|| panic!("no format {name}")));
            } else if let Some(url) = line.strip_prefix("import origin ") {
                settings.origin = Some(RequestContext::http(url).expect("a URL"));
            } else if let Some(seconds) = line.strip_prefix("import written ") {
                settings.written = Some(time(seconds.parse().expect("seconds")));
            }
            rest = next;
        }
        (settings, rest)
    }

    fn import(&self) -> Import<'_> {
        let mut import = Import::new();
        if let Some(format) = self.format {
            import = import.format(format);
        }
        if let Some(origin) = &self.origin {
            import = import.origin(origin);
        }
        if let Some(written) = self.written {
            import = import.written(written);
        }
        import
    }
}

fn is_setting(line: &str) -> bool {
    line.starts_with('#') || line.starts_with("import ")
}

#[test]
fn each_file_is_read_as_expected() {
    let inputs = inputs();
    assert!(inputs.len() >= 60, "{} files", inputs.len());
    let mut wrong = String::new();
    for input in &inputs {
        let path = input.with_extension("expected");
        let expectation = fs::read_to_string(&path).unwrap_or_default();
        let (settings, expected) = Settings::split(&expectation);
        let text = fs::read(input).expect("a file");
        let (found, jar) = outcome(&text, &settings);
        if env::var_os("HARDTACK_BLESS").is_some() {
            fs::write(&path, settings.lines + &found).expect("written");
        } else if found != expected {
            let _ = write!(wrong, "\n{}\nexpected:\n{expected}found:\n{found}", input.display());
        }
        keeps_secrets(input, &found, &text, &jar);
        comes_back(input, &jar);
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Imports a file, and returns a description of the outcome and the resulting jar.
fn outcome(text: &[u8], settings: &Settings) -> (String, Jar) {
    let mut jar = Jar::new();
    let detected = Format::detect(text);
    let mut found = match &detected {
        Ok(format) => format!("format {format}\n"),
        Err(error) => format!("no format: {error}\n"),
    };
    match jar.import_with(&settings.import(), text, time(NOW)) {
        Ok(imported) => {
            let keeps_rest = detected.is_ok_and(Format::keeps_rest) || settings.format.is_some();
            assert!(keeps_rest || imported.rest().is_none());
            tell(&mut found, &jar, &imported);
        }
        Err(error) => {
            let _ = writeln!(found, "error: {error}");
        }
    }
    (found, jar)
}

fn tell(found: &mut String, jar: &Jar, imported: &Imported) {
    for cookie in jar.iter() {
        let _ = writeln!(found, "cookie {}", line(cookie));
    }
    let _ = writeln!(
        found,
        "taken {}, outdated {}, expired {} (removed {}), left out {}",
        imported.taken(),
        imported.outdated(),
        imported.expired(),
        imported.removed(),
        imported.left_out().len()
    );
    for left_out in imported.left_out() {
        let _ = writeln!(found, "left out: {left_out}");
    }
    for adjusted in imported.adjusted() {
        let _ = writeln!(found, "adjusted: {adjusted}");
    }
    if let Some(note) = imported.note() {
        let _ = writeln!(found, "note: {note}");
    }
    if let Some(rest) = imported.rest() {
        let _ = writeln!(found, "rest: {} bytes", rest.len());
    }
}

/// Formats a cookie as `name domain path host-only secure http-only same-site expires partition`.
fn line(cookie: &StoredCookie) -> String {
    let name = String::from_utf8_lossy(cookie.name()).into_owned();
    let flag = |is_set: bool, name: &'static str| if is_set { name } else { "-" };
    let expires = cookie.expires().map(|expires| {
        let since = expires.duration_since(SystemTime::UNIX_EPOCH).expect("after 1970");
        since.as_secs_f64().to_string()
    });
    let partition = cookie.partition().map(|key| {
        format!("{}{}", key.site(), if key.has_cross_site_ancestor() { " (cross-site ancestor)" } else { "" })
    });
    format!(
        "{} {} {} {} {} {} {} {} {}",
        if name.is_empty() { "(nameless)" } else { &name },
        cookie.domain(),
        cookie.path(),
        flag(cookie.is_host_only(), "host-only"),
        flag(cookie.is_secure(), "secure"),
        flag(cookie.is_http_only(), "http-only"),
        cookie.same_site().map_or("-", |same_site| same_site.as_str()),
        expires.as_deref().unwrap_or("session"),
        partition.as_deref().unwrap_or("-"),
    )
}

/// Checks that no message contains the value of a cookie. Values in the files contain `s3cret` where possible.
fn keeps_secrets(input: &Path, found: &str, text: &[u8], jar: &Jar) {
    let shown: Vec<_> = found.lines().filter(|line| !line.starts_with("cookie ")).collect();
    let has = |secret: &str| shown.iter().any(|line| line.contains(secret));
    assert!(!has("s3cret"), "{}: a value is shown: {found}", input.display());
    for cookie in jar.iter() {
        let value = String::from_utf8_lossy(cookie.value()).into_owned();
        assert!(value.len() < SHORTEST_SECRET || !has(&value), "{}: a value is shown", input.display());
    }
    if let Err(error) = Format::detect(text) {
        assert!(!format!("{error:?}").contains("s3cret"), "{}", input.display());
    }
}

/// Writes the jar in each format, and reads it back. Checks that this restores all cookies that the format can store.
fn comes_back(input: &Path, jar: &Jar) {
    for &format in Format::ALL.iter().filter(|format| format.is_writable()) {
        let exported = jar.export(format, time(NOW)).expect("a format to write");
        let detected = Format::detect(exported.text()).expect("a format");
        let is_plain = is_plain(format) && detected == Format::DevTools;
        assert!(detected == format || is_plain, "{format} is taken for {detected}");
        let mut again = Jar::new();
        let imported = again.import(format, exported.text(), time(NOW)).expect("what was written");
        let place = format!("{} as {format}", input.display());
        assert_eq!(imported.left_out(), [], "{place}");
        assert_eq!(imported.taken() + exported.left_out().len(), jar.len(), "{place}");
        let second = again.export(format, time(NOW)).expect("a format to write");
        assert_eq!(second.text(), exported.text(), "{place}");
    }
}

/// Returns whether a file in this format may look like a file from another tool. This is so for an array without
/// cookies, and for an array whose cookies have only the members that all tools write.
fn is_plain(format: Format) -> bool {
    matches!(format, Format::CookieEditor | Format::CookieStore | Format::Selenium)
}
