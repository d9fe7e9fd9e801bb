use std::time::{Duration, SystemTime};

use hardtack_jar::{Attribute, CookieRecord, Format, Jar};

/// A difference between two jars that is not due to the format.
#[derive(Debug)]
pub(crate) struct Difference {
    /// The attribute that differs, or `None` for a part that every format stores.
    pub(crate) attribute: Option<Attribute>,
    #[expect(dead_code, reason = "shown when a test fails")]
    text: String,
}

/// Compares our jar with the jar of a tool, whose times may be later by `delay`.
pub(crate) fn differences(ours: &Jar, theirs: &Jar, format: Format, delay: Duration) -> Vec<Difference> {
    let mut differences = Vec::new();
    let mut differ = |attribute, text| differences.push(Difference { attribute, text });
    for cookie in theirs.iter().map(|cookie| cookie.record()) {
        if find(ours, &cookie).is_none() {
            differ(None, format!("{cookie:?} is new"));
        }
    }
    for ours in ours.iter().map(|cookie| cookie.record()) {
        let Some(theirs) = find(theirs, &ours) else {
            differ(None, format!("{ours:?} is missing"));
            continue;
        };
        let precision = format.precision().expect("a format that can be written");
        let is_time =
            |ours: SystemTime, theirs: SystemTime| theirs <= ours + delay && theirs + precision > ours;
        let is_same_expiration = match (ours.expires, theirs.expires) {
            (Some(ours), Some(theirs)) => is_time(ours, theirs),
            (ours, theirs) => ours == theirs,
        };
        for (part, is_same) in [
            ("value", ours.value == theirs.value),
            ("host-only", ours.host_only == theirs.host_only),
            ("Secure", ours.secure == theirs.secure),
            ("expiration", is_same_expiration),
        ] {
            if !is_same {
                differ(None, format!("{ours:?}: {part}"));
            }
        }
        for &attribute in Attribute::ALL.iter().filter(|&&attribute| format.holds(attribute)) {
            let is_same = match attribute {
                Attribute::HttpOnly => ours.http_only == theirs.http_only,
                // Some tools write the default value.
                Attribute::SameSite => ours.same_site.is_none() || ours.same_site == theirs.same_site,
                Attribute::Partition => ours.partition == theirs.partition,
                Attribute::Created => is_time(ours.created, theirs.created),
                Attribute::LastAccess => is_time(ours.last_access, theirs.last_access),
                other => panic!("no tool has {other}"),
            };
            if !is_same {
                differ(Some(attribute), format!("{ours:?}: {attribute}"));
            }
        }
    }
    differences
}

fn find<'a>(jar: &'a Jar, cookie: &CookieRecord<'_>) -> Option<CookieRecord<'a>> {
    let key = |cookie: &CookieRecord<'_>| {
        (cookie.name.to_vec(), cookie.domain.clone().into_owned(), cookie.path.clone().into_owned())
    };
    jar.iter().map(|cookie| cookie.record()).find(|other| key(other) == key(cookie))
}
