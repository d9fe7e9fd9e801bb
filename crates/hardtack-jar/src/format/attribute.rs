use std::fmt;

use super::kind::Format;
use super::reading::promises_http_only;
use crate::record::CookieRecord;

/// A part of a cookie that some formats cannot store, as reported by [`Exported::lost`](crate::Exported::lost).
///
/// Every format stores the name, the value, the domain and whether it includes subdomains, the path, `Secure`, and the
/// expiration. The table in the documentation of [`Format`] shows the other attributes.
///
/// ```
/// use hardtack_jar::{RequestContext, Attribute, Format, Jar};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let now = std::time::SystemTime::now();
/// let mut jar = Jar::new();
/// jar.set(&RequestContext::http("https://example.com/")?, "id=1; HttpOnly", now)?;
/// let exported = jar.export(Format::Wget, now)?;
/// assert!(exported.lost().contains(&(Attribute::HttpOnly, 1)));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Attribute {
    /// `HttpOnly`: scripts cannot see the cookie.
    HttpOnly,
    /// `SameSite`.
    SameSite,
    /// The partition. A format without it leaves out partitioned cookies, because they would be sent from other pages,
    /// too.
    Partition,
    /// The time at which the cookie was first set.
    Created,
    /// The time at which the cookie was last set.
    Updated,
    /// The time at which the cookie was last set or sent.
    LastAccess,
}

impl Attribute {
    /// All attributes, in the order of the columns in [`Format`]'s table.
    pub const ALL: &[Self] =
        &[Self::HttpOnly, Self::SameSite, Self::Partition, Self::Created, Self::Updated, Self::LastAccess];

    /// Returns the human-readable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HttpOnly => "HttpOnly",
            Self::SameSite => "SameSite",
            Self::Partition => "the partition",
            Self::Created => "the creation time",
            Self::Updated => "the update time",
            Self::LastAccess => "the last access time",
        }
    }

    /// Returns whether this cookie has the attribute and the format drops it.
    pub(super) fn is_lost(self, format: Format, cookie: &CookieRecord<'_>) -> bool {
        if self == Self::SameSite && format.always_names_same_site() {
            return cookie.same_site.is_none();
        }
        let is_set = match self {
            // Readers infer it from such a name.
            Self::HttpOnly => cookie.http_only && !promises_http_only(&cookie.name),
            Self::SameSite => cookie.same_site.is_some(),
            Self::Partition => cookie.partition.is_some(),
            Self::Updated => cookie.updated.is_some(),
            Self::Created | Self::LastAccess => true,
        };
        is_set && !format.holds(self)
    }
}

impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(all(test, feature = "json", feature = "psl"))]
mod tests {
    use std::time::{Duration, SystemTime};

    use hardtack_core::cookie::SameSite;

    use super::*;
    use crate::jar::Jar;
    use crate::site::PartitionKey;

    type Change = fn(&mut CookieRecord<'static>);

    fn now() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_micros(1_700_000_000_123_456)
    }

    fn partition(cookie: &mut CookieRecord<'_>, site: &str) -> PartitionKey {
        cookie.secure = true;
        PartitionKey::new(site.parse().expect("a site"))
    }

    /// The values of each part of a cookie that differ from [`plain`].
    const PARTS: &[&[Change]] = &[
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

    /// Returns cookies that differ from a plain one in one or two parts. Skips those that no jar accepts.
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

    /// Compares what every format stores, and returns the attributes that differ.
    fn differing(ours: &CookieRecord<'_>, theirs: &CookieRecord<'_>, format: Format) -> Vec<Attribute> {
        // Names each field, so that a new one is not forgotten.
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
