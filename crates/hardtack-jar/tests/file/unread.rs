//! What a file holds, and is or is not written again.

use std::fs;
use std::path::Path;

use hardtack_jar::{CookieRecord, ErrorKind, Format, Jar, JarFile};

use crate::support::{jar, names, now};
use crate::{Outcome, Test};

pub(crate) const TESTS: &[Test] = &[
    ("an_empty_file_is_an_empty_jar_in_every_format", empty),
    ("cookies_that_could_not_be_read_are_not_overwritten_unless_allowed", unread),
    ("only_persistent_cookies_are_saved_if_so_asked", persistent),
    ("what_is_beside_cookies_stays", beside),
];

/// All that can be written.
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
