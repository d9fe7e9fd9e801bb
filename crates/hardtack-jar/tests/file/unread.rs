//! Tests which content of a file is read, and which is written back.

use std::fs;
use std::path::Path;

#[cfg(feature = "json")]
use hardtack_jar::RequestContext;
use hardtack_jar::{CookieRecord, ErrorKind, Format, Jar, JarFile};

use crate::support::{jar, names, now};
use crate::{Outcome, Test};

pub(crate) const TESTS: &[Test] = &[
    ("an_empty_file_is_an_empty_jar_in_every_format", empty),
    ("cookies_that_could_not_be_read_are_not_overwritten_unless_allowed", unread),
    ("only_persistent_cookies_are_saved_if_so_asked", persistent),
    ("what_is_beside_cookies_stays", beside),
    ("a_jar_of_any_format_is_replaced", replaced),
    ("a_file_that_is_no_jar_is_not_replaced_unless_allowed", foreign),
    ("cookies_without_a_domain_belong_to_the_origin", origin),
];

/// The formats that the tests write.
#[cfg(feature = "json")]
const FORMATS: &[Format] = &[Format::Whole, Format::Netscape, Format::DevTools, Format::Playwright];
#[cfg(not(feature = "json"))]
const FORMATS: &[Format] = &[Format::Netscape];

fn empty(folder: &Path) -> Outcome {
    let path = folder.join("jar");
    for &format in FORMATS {
        for text in ["", "\n", "\u{feff}", "\u{feff} \r\n"] {
            fs::write(&path, text).unwrap();
            let file = JarFile::new(&path, format);
            let mut jar = Jar::new();
            assert_eq!(file.load(&mut jar, now()).unwrap().total(), 0, "{format:?} {text:?}");
            let _ = file.save(&jar, now()).unwrap();
            fs::write(&path, text).unwrap();
            let _ = file.merge(&mut jar, now()).unwrap();
            assert!(!fs::read(&path).unwrap().is_empty(), "{format:?} {text:?}");
        }
    }
    Outcome::Passed
}

fn unread(folder: &Path) -> Outcome {
    let path = folder.join("cookies.txt");
    let text = "example.com\tFALSE\t/\tFALSE\t0\ta\tsecret\nthree\tfields\tonly\n";
    fs::write(&path, text).unwrap();
    let file = JarFile::new(&path, Format::Netscape);
    let mut own = jar(&["b"]);
    let error = file.merge(&mut own, now()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unread);
    let message = error.to_string();
    assert!(message.contains("1 cookie ") && message.contains("line 2"), "{message}");
    assert!(!message.contains("secret"), "{message}");
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    let _ = file.overwrite_unread().merge(&mut own, now()).unwrap();
    assert_eq!(names(&own), ["a", "b"]);
    assert!(!fs::read_to_string(&path).unwrap().contains("three"));
    Outcome::Passed
}

fn persistent(folder: &Path) -> Outcome {
    let path = folder.join("jar.json");
    let mut jar = jar(&["session"]);
    let mut lasting = CookieRecord::new("lasting", "1", "example.com", now());
    lasting.expires = Some(now() + std::time::Duration::from_secs(60));
    jar.restore(&lasting, now()).unwrap();
    let file = JarFile::new(&path, Format::Whole);
    let _ = file.clone().persistent_only().save(&jar, now()).unwrap();
    assert_eq!(crate::support::names_in(&path), ["lasting"]);
    assert_eq!(jar.len(), 2);
    let _ = file.save(&jar, now()).unwrap();
    assert_eq!(crate::support::names_in(&path), ["lasting", "session"]);
    Outcome::Passed
}

fn beside(folder: &Path) -> Outcome {
    let path = folder.join("jar");
    for (format, text, kept) in [
        (
            Format::Playwright,
            r#"{"cookies": [], "origins": [{"origin": "https://example.com", "localStorage": []}]}"#,
            &["\"origins\"", "https://example.com"][..],
        ),
        (
            Format::Httpie,
            r#"{"__meta__": {"httpie": "3.2.4"}, "auth": {"raw_auth": "jane:x"}, "cookies": [],
                "headers": [{"name": "X-A", "value": "b"}]}"#,
            &["3.2.4", "jane:x", "X-A"],
        ),
        (
            Format::ToughCookie,
            r#"{"version": "tough-cookie@6.1.0", "storeType": "MemoryCookieStore", "prefixSecurity": "silent",
                "cookies": []}"#,
            &["tough-cookie@6.1.0", "prefixSecurity"],
        ),
        (Format::Netscape, "# for the nightly job\n", &["\n# for the nightly job\n"]),
        (Format::Wget, "# HTTP Cookie File\n# for the nightly job\n", &["\n# for the nightly job\n"]),
        (Format::Python, "# Netscape HTTP Cookie File\n# for Ada\n", &["\n# for Ada\n"]),
    ] {
        for merges in [false, true] {
            fs::write(&path, text).unwrap();
            let file = JarFile::new(&path, format);
            let mut jar = jar(&["name_of_it"]);
            let _ = if merges { file.merge(&mut jar, now()) } else { file.save(&jar, now()) }.unwrap();
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.contains("name_of_it"), "{format}: {text}");
            assert!(kept.iter().all(|kept| text.contains(kept)), "{format}: {text}");
        }
    }
    Outcome::Passed
}

fn replaced(folder: &Path) -> Outcome {
    let path = folder.join("jar");
    let cookie = "example.com\tFALSE\t/\tFALSE\t0\told\t1\n";
    let state = r#"{"cookies": [], "origins": [{"origin": "https://example.com"}]}"#;
    for &format in FORMATS {
        for old in [None, Some(""), Some(" \n"), Some(cookie), Some("[]"), Some(state)] {
            match old {
                Some(text) => fs::write(&path, text).unwrap(),
                None => drop(fs::remove_file(&path)),
            }
            let outcome = JarFile::new(&path, format).replace(&jar(&["a"]), None, now());
            // Files in JSON cannot be read without the feature `json`.
            if let Err(error) = outcome {
                assert!(
                    cfg!(not(feature = "json")) && old.is_some_and(|old| old.starts_with(['[', '{'])),
                    "{error}"
                );
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            assert!(!text.contains("old") && !text.contains("https://example.com"), "{text}");
            let mut again = Jar::new();
            assert_eq!(JarFile::new(&path, format).load(&mut again, now()).unwrap().left_out(), []);
            assert_eq!(names(&again), ["a"], "{format}: {old:?}");
        }
    }
    let file = JarFile::new(&path, Format::Netscape);
    let _ = file.replace(&jar(&["a"]), Some("# mine\n"), now()).unwrap();
    assert!(fs::read_to_string(&path).unwrap().contains("\n# mine\n"));
    assert!(file.replace(&jar(&["a"]), Some("no comment\n"), now()).is_err());
    Outcome::Passed
}

fn foreign(folder: &Path) -> Outcome {
    let path = folder.join("jar");
    for text in [
        "Buy milk.\n",
        "# only comments\n",
        "<!DOCTYPE html><title>Log in</title>",
        "three\tfields\tonly\nexample.com\tFALSE\t/\tFALSE\t0\ta\t1\n",
        "Set-Cookie: a=1\n",
        r#"{"name": "package"}"#,
    ] {
        fs::write(&path, text).unwrap();
        let file = JarFile::new(&path, Format::Netscape);
        let error = file.replace(&jar(&["a"]), None, now()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unread, "{text}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
        let _ = file.overwrite_unread().replace(&jar(&["a"]), None, now()).unwrap();
        assert!(fs::read_to_string(&path).unwrap().contains("\ta\t1\n"));
    }
    Outcome::Passed
}

#[cfg(feature = "json")]
fn origin(folder: &Path) -> Outcome {
    let path = folder.join("session.json");
    let text = r#"{"__meta__": {}, "cookies": [{"name": "old", "value": "1", "domain": ""}], "headers": []}"#;
    fs::write(&path, text).unwrap();
    let file = JarFile::new(&path, Format::Httpie);
    assert_eq!(file.merge(&mut jar(&["a"]), now()).unwrap_err().kind(), ErrorKind::Unread);
    let file = file.origin(RequestContext::http("https://shop.example/cart").unwrap());
    let _ = file.merge(&mut jar(&["a"]), now()).unwrap();
    let mut again = Jar::new();
    assert_eq!(JarFile::new(&path, Format::Httpie).load(&mut again, now()).unwrap().left_out(), []);
    let mut domains: Vec<_> = again.iter().map(|cookie| cookie.domain()).collect();
    domains.sort_unstable();
    assert_eq!(domains, ["example.com", "shop.example"]);
    // Replacing a file reads it, too.
    fs::write(&path, text).unwrap();
    let _ = file.replace(&jar(&["a"]), None, now()).unwrap();
    Outcome::Passed
}

#[cfg(not(feature = "json"))]
fn origin(_folder: &Path) -> Outcome {
    Outcome::Skipped("sessions of HTTPie are JSON")
}
