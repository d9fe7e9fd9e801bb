//! Imports a file into a jar, and exports a jar to a file, in the chosen format.

use std::time::SystemTime;

#[cfg(feature = "sqlite")]
use super::database;
use super::detect;
use super::exported::Exported;
use super::format::Format;
use super::import::Import;
use super::imported::Imported;
#[cfg(feature = "json")]
use super::json::{
    cookie_editor, cookie_store, devtools, har, httpie, playwright, selenium, tough_cookie, whole,
};
use super::text::{cookie_header, netscape, set_cookie};
use crate::error::{Error, ErrorKind};
use crate::jar::Jar;

impl Jar {
    /// Adds the cookies in a file that a browser or tool wrote. A cookie in the jar is replaced only if the file has a
    /// newer copy, as decided by [`merge`](Self::merge).
    ///
    /// ```
    /// use hardtack_jar::{Format, Jar};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let text = "# Netscape HTTP Cookie File\n\
    ///             #HttpOnly_.example.com\tTRUE\t/\tTRUE\t0\tid\ta3fWa\n\
    ///             three\tfields\tonly\n";
    /// let mut jar = Jar::new();
    /// let imported = jar.import(Format::Netscape, text, std::time::SystemTime::now())?;
    /// assert_eq!(imported.taken(), 1);
    /// assert_eq!(imported.left_out()[0].to_string(), "line 3: it has 3 fields, but a cookie has seven, separated by tabs");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if the text as a whole is not in the format, or if the format requires [`Import::origin`]. For such a
    /// format, use [`import_with`](Self::import_with).
    pub fn import(
        &mut self,
        format: Format,
        text: impl AsRef<[u8]>,
        now: SystemTime,
    ) -> Result<Imported, Error> {
        self.import_with(&Import::new().format(format), text, now)
    }

    /// Like [`import`](Self::import), with more options. Empty text is valid in every format, and has no cookies.
    ///
    /// An import never evicts cookies, even if the jar then exceeds its [limits](crate::Limits).
    ///
    /// # Errors
    ///
    /// Fails if the text as a whole is not in the format, if the format is not set and cannot be detected, or if the
    /// format requires [`Import::origin`], which is not set.
    pub fn import_with(
        &mut self,
        import: &Import<'_>,
        text: impl AsRef<[u8]>,
        now: SystemTime,
    ) -> Result<Imported, Error> {
        let text = text.as_ref();
        // The file may have been created but not yet written.
        if detect::is_empty(text) {
            return Ok(Imported::default());
        }
        let format = match import.chosen() {
            Some(format) => format,
            None => Format::detect(text)?,
        };
        if !format.is_binary() {
            detect::refuse_foreign(text)?;
        }
        let parsed = match format {
            Format::Netscape | Format::Wget | Format::Python => netscape::read(text, format, now),
            #[cfg(feature = "json")]
            Format::Whole => whole::read(text)?,
            #[cfg(feature = "json")]
            Format::DevTools | Format::CookieEditor | Format::Selenium => devtools::read(text, now)?,
            #[cfg(feature = "json")]
            Format::Playwright => playwright::read(text, now)?,
            #[cfg(feature = "json")]
            Format::CookieStore => cookie_store::read(text, now)?,
            #[cfg(feature = "json")]
            Format::ToughCookie => tough_cookie::read(text, now)?,
            #[cfg(feature = "json")]
            Format::Httpie => httpie::read(text, import, now)?,
            #[cfg(feature = "json")]
            Format::Har => har::read(text)?,
            Format::CookieHeader => cookie_header::read(text, import, now)?,
            Format::SetCookie => set_cookie::read(text, import, now)?,
            #[cfg(feature = "sqlite")]
            Format::Firefox => database::firefox::read(text, now)?,
            #[cfg(feature = "sqlite")]
            Format::Chromium => database::chromium::read(text, import.key(), now)?,
        };
        Ok(parsed.add_to(self, import, now))
    }

    /// Exports the unexpired cookies as the text of a file in this format.
    ///
    /// # Security
    ///
    /// Anyone who reads the text can use the logins of the jar's owner. [`JarFile`](crate::JarFile) creates a file that
    /// only its owner can read.
    ///
    /// # Errors
    ///
    /// Fails if the format is read-only.
    pub fn export(&self, format: Format, now: SystemTime) -> Result<Exported, Error> {
        self.export_with(format, None, now)
    }

    /// Like [`export`](Self::export), but also writes `rest`, the [contents other than cookies](Imported::rest) of the
    /// file from which the jar was imported. `rest` must be from a file in the same format, and is ignored by formats
    /// that do not [keep](Format::keeps_rest) it.
    ///
    /// # Errors
    ///
    /// Fails if the format is read-only, or if `rest` cannot be written in this format. If it is from a file in another
    /// JSON format, this is not detected.
    pub fn export_with(
        &self,
        format: Format,
        rest: Option<&str>,
        now: SystemTime,
    ) -> Result<Exported, Error> {
        match format {
            Format::Netscape | Format::Wget | Format::Python => netscape::write(self, format, rest, now),
            #[cfg(feature = "json")]
            Format::Whole => Ok(whole::write(self, now)),
            #[cfg(feature = "json")]
            Format::DevTools => Ok(devtools::write(self, now)),
            #[cfg(feature = "json")]
            Format::Playwright => playwright::write(self, rest, now),
            #[cfg(feature = "json")]
            Format::CookieEditor => Ok(cookie_editor::write(self, now)),
            #[cfg(feature = "json")]
            Format::Selenium => Ok(selenium::write(self, now)),
            #[cfg(feature = "json")]
            Format::CookieStore => Ok(cookie_store::write(self, now)),
            #[cfg(feature = "json")]
            Format::ToughCookie => tough_cookie::write(self, rest, now),
            #[cfg(feature = "json")]
            Format::Httpie => httpie::write(self, rest, now),
            #[cfg(feature = "json")]
            Format::Har => Err(only_read()),
            #[cfg(feature = "sqlite")]
            Format::Firefox | Format::Chromium => Err(only_read()),
            Format::CookieHeader | Format::SetCookie => Err(only_read()),
        }
    }
}

fn only_read() -> Error {
    Error::new(ErrorKind::Format, "this format is read-only: use another one")
}

#[cfg(all(test, feature = "json", feature = "psl"))]
mod tests {
    use std::time::Duration;

    use hardtack_core::cookie::SameSite;

    use super::*;
    use crate::cookie::CookieRecord;
    use crate::format::Attribute;
    use crate::request::PartitionKey;

    type Edit = fn(&mut CookieRecord<'static>);

    fn now() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_micros(1_700_000_000_123_456)
    }

    fn partition(cookie: &mut CookieRecord<'_>, site: &str) -> PartitionKey {
        cookie.secure = true;
        PartitionKey::new(site.parse().expect("a site"))
    }

    /// For each part of a cookie, the values to test in place of those in [`plain`].
    const PARTS: &[&[Edit]] = &[
        &[
            |cookie| cookie.name = b"".into(),
            |cookie| cookie.name = b"\"quoted\"".into(),
            |cookie| cookie.name = b"two words".into(),
            |cookie| cookie.name = b"tab\tin".into(),
            |cookie| cookie.name = "\u{fc}".as_bytes().into(),
            |cookie| cookie.name = b"\xfc".into(),
            |cookie| cookie.name = b" blank".into(),
            |cookie| cookie.name = b"#hash".into(),
            |cookie| {
                cookie.name = b"__Host-id".into();
                cookie.secure = true;
            },
            |cookie| {
                cookie.name = b"__Http-id".into();
                cookie.secure = true;
                cookie.http_only = true;
            },
        ],
        &[
            |cookie| cookie.value = b"".into(),
            |cookie| cookie.value = b"\"a b\"".into(),
            |cookie| cookie.value = b"a=b==".into(),
            |cookie| cookie.value = b"{\"a\": [1, \"\\u00fc\"]}".into(),
            |cookie| cookie.value = b"tab\tin".into(),
            |cookie| cookie.value = "\u{fc}".as_bytes().into(),
            |cookie| cookie.value = b"\xff".into(),
            |cookie| cookie.value = b"blank ".into(),
        ],
        &[
            |cookie| {
                cookie.domain = "example.com".into();
                cookie.host_only = false;
            },
            |cookie| cookie.domain = "localhost".into(),
            |cookie| cookie.domain = "printer.local".into(),
            |cookie| cookie.domain = "192.0.2.3".into(),
            |cookie| cookie.domain = "[2001:db8::1]".into(),
            |cookie| cookie.domain = "[::1]".into(),
            |cookie| cookie.domain = "xn--bcher-kva.example".into(),
        ],
        &[
            |cookie| cookie.path = "/a/b".into(),
            |cookie| cookie.path = "/a/".into(),
            |cookie| cookie.path = "/\"a\"".into(),
            |cookie| cookie.path = "/a ".into(),
        ],
        &[
            |cookie| cookie.expires = Some(now() + Duration::from_secs(60)),
            |cookie| cookie.expires = Some(now() + Duration::from_micros(400 * 86_400_000_000 - 1)),
        ],
        &[|cookie| cookie.secure = true],
        &[|cookie| cookie.http_only = true],
        &[
            |cookie| cookie.same_site = Some(SameSite::Strict),
            |cookie| cookie.same_site = Some(SameSite::Lax),
            |cookie| {
                cookie.same_site = Some(SameSite::None);
                cookie.secure = true;
            },
        ],
        &[
            |cookie| cookie.partition = Some(partition(cookie, "https://example.com")),
            |cookie| {
                let key = partition(cookie, "https://top.example");
                cookie.partition = Some(key.with_cross_site_ancestor());
            },
        ],
        &[|cookie| cookie.created = now() - Duration::from_micros(5_000_001)],
        &[
            |cookie| cookie.updated = Some(now()),
            |cookie| cookie.updated = Some(now() - Duration::from_micros(3_000_001)),
        ],
        &[|cookie| cookie.last_access = now() - Duration::from_micros(1_000_001)],
    ];

    fn plain() -> CookieRecord<'static> {
        CookieRecord::new("id", "1", "www.example.com", now() - Duration::from_secs(10))
    }

    /// Returns a plain cookie, and cookies that differ from it in one or two parts. Omits cookies that no jar accepts.
    fn cookies() -> Vec<CookieRecord<'static>> {
        let parts: Vec<_> = PARTS
            .iter()
            .enumerate()
            .flat_map(|(part, changes)| changes.iter().map(move |change| (part, change)))
            .collect();
        let mut cookies = vec![plain()];
        for (one, change) in &parts {
            let mut cookie = plain();
            change(&mut cookie);
            for (_, other) in parts.iter().filter(|(other, _)| other > one) {
                let mut cookie = cookie.clone();
                other(&mut cookie);
                cookies.push(cookie);
            }
            cookies.push(cookie);
        }
        let count = cookies.len();
        cookies.retain(|cookie| Jar::new().restore(cookie, now()).is_ok());
        assert!(cookies.len() * 10 > count * 8, "{} of {count}", cookies.len());
        cookies
    }

    /// Rounds a time down to the precision of a format.
    fn rounded(time: SystemTime, precision: Duration) -> u128 {
        time.duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_micros() / precision.as_micros()
    }

    /// Checks that the parts that every format stores are equal, and returns the other attributes that differ.
    fn differing(ours: &CookieRecord<'_>, theirs: &CookieRecord<'_>, format: Format) -> Vec<Attribute> {
        // The pattern names each field, so that a new field cannot be forgotten here.
        let CookieRecord {
            name,
            value,
            domain,
            host_only,
            path,
            secure,
            http_only,
            same_site,
            partition,
            expires,
            created,
            updated,
            last_access,
        } = ours;
        assert_eq!((name, value), (&theirs.name, &theirs.value), "{format}");
        assert_eq!((domain, host_only, path), (&theirs.domain, &theirs.host_only, &theirs.path), "{format}");
        assert_eq!(secure, &theirs.secure, "{format}");
        let precision = format.precision().expect("a format that is written");
        let round = |time: SystemTime| rounded(time, precision);
        assert_eq!(expires.map(round), theirs.expires.map(round), "{format}");
        let is_same = |attribute| match attribute {
            Attribute::HttpOnly => *http_only == theirs.http_only,
            Attribute::SameSite => *same_site == theirs.same_site,
            Attribute::Partition => *partition == theirs.partition,
            Attribute::Created => round(*created) == round(theirs.created),
            Attribute::Updated => updated.map(round) == theirs.updated.map(round),
            Attribute::LastAccess => round(*last_access) == round(theirs.last_access),
        };
        Attribute::ALL.iter().copied().filter(|&attribute| !is_same(attribute)).collect()
    }

    #[test]
    fn every_attribute_survives_or_is_counted_as_lost_in_every_format() {
        let cookies = cookies();
        for &format in Format::ALL.iter().filter(|format| format.is_writable()) {
            let mut written = 0;
            for cookie in &cookies {
                let mut jar = Jar::new();
                jar.restore(cookie, now()).expect("a cookie");
                let ours = jar.iter().next().expect("a cookie").record();
                let exported = jar.export(format, now()).expect("written");
                let mut again = Jar::new();
                let later = now() + Duration::from_secs(2);
                let imported = again.import(format, exported.text(), later).expect("what was written");
                let text = String::from_utf8_lossy(exported.text());
                assert!(imported.left_out().is_empty(), "{format}: {:?}\n{text}", imported.left_out());
                assert_eq!(again.len() + exported.left_out().len(), 1, "{format}\n{text}");
                let Some(theirs) = again.iter().next() else { continue };
                let lost: Vec<_> = exported.lost().iter().map(|&(attribute, _)| attribute).collect();
                assert_eq!(differing(&ours, &theirs.record(), format), lost, "{format}\n{text}");
                written += 1;
            }
            assert!(written * 2 > cookies.len(), "{format}: {written} of {}", cookies.len());
        }
        println!(
            "summary: {} cookies in each format that is written: every attribute survives or is reported",
            cookies.len()
        );
    }
}
