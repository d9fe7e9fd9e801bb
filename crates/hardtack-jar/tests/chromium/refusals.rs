//! For each reason for which the jar refuses a cookie, this module contains a cookie that Chromium refuses too, or an
//! explanation of why there is none.
//!
//! The module depends only on the jar, so that another test can include it.

use hardtack_jar::{Prefix, Refusal};

/// Whether Chromium can show a refusal.
pub(crate) enum InChromium {
    /// Chromium refuses this cookie.
    Shown(Shown),
    /// Chromium cannot show the refusal, for this reason.
    Not(&'static str),
}

/// A cookie that is refused for exactly one reason.
pub(crate) struct Shown {
    /// A URL, and a line that its response sets beforehand, if the refusal depends on an existing cookie.
    pub(crate) before: Option<(&'static str, &'static str)>,
    pub(crate) by: By,
    pub(crate) url: &'static str,
    pub(crate) line: Vec<u8>,
    /// The reason that Chromium reports, from `SetCookieBlockedReason` of the DevTools protocol, or `None` if Chromium
    /// does not report one.
    pub(crate) reason: Option<&'static str>,
}

/// Who sets the cookie.
pub(crate) enum By {
    /// The response to a request that the user makes.
    Answer,
    /// The response to a request by the page with this URL.
    AnswerTo(&'static str),
    /// A script in the page itself.
    Script,
}

const HERE: &str = "https://shop.example.test/dir/page";
const PLAIN: &str = "http://shop.example.test/dir/page";

pub(crate) fn in_chromium(refusal: Refusal) -> InChromium {
    use InChromium::Not;
    use Refusal as R;
    let invalid_domain = |line: &str| here(line, "InvalidDomain");
    let invalid_prefix = |line: &str| here(line, "InvalidPrefix");
    InChromium::Shown(match refusal {
        R::ControlCharacter => here("a=b\u{1}c", "DisallowedCharacter"),
        R::TooLarge => here(&format!("a={}", "b".repeat(4096)), "NameValuePairExceedsMaxSize"),
        R::Empty => here("=; Path=/", "NoCookieContent"),
        // Chromium accepts a domain in UTF-8, but this domain is not UTF-8.
        R::DomainNotAscii => Shown { line: b"a=b; Domain=ex\xe4mple.test".to_vec(), ..invalid_domain("") },
        R::DomainDot => invalid_domain("a=b; Domain=."),
        R::PublicSuffix => invalid_domain("a=b; Domain=test"),
        R::ForeignDomain => invalid_domain("a=b; Domain=other.test"),
        R::PathNotAscii => return Not("it takes a `Path` that is not ASCII, and sends the cookie nowhere"),
        R::InsecureSecure => Shown { url: PLAIN, ..here("a=b; Secure", "SecureOnly") },
        R::ShadowsSecure => {
            Shown { before: Some((HERE, "a=b; Secure")), url: PLAIN, ..here("a=c", "OverwriteSecure") }
        }
        R::ScriptHttpOnly => Shown { by: By::Script, reason: None, ..here("a=b; HttpOnly", "") },
        R::ReplacesHttpOnly => {
            Shown { before: Some((HERE, "a=b; HttpOnly")), by: By::Script, reason: None, ..here("a=c", "") }
        }
        R::CrossSite => Shown {
            by: By::AnswerTo("https://other.test/"),
            ..here("a=b; SameSite=Lax; Secure", "SchemefulSameSiteLax")
        },
        R::NoneWithoutSecure => here("a=b; SameSite=None", "SameSiteNoneInsecure"),
        R::Prefix(Prefix::Secure) => invalid_prefix("__Secure-a=b"),
        R::Prefix(Prefix::Host) => invalid_prefix("__Host-a=b; Secure"),
        R::Prefix(Prefix::Http) => invalid_prefix("__Http-a=b; Secure"),
        R::Prefix(Prefix::HostHttp) => invalid_prefix("__Host-Http-a=b; Secure; Path=/"),
        R::NamelessPrefix => invalid_prefix("__Host-a"),
        R::PartitionedWithoutSecure => Shown { reason: None, ..here("a=b; Partitioned", "") },
        R::UnknownPartition => return Not("it always knows in which site's page something is embedded"),
        R::InnerTab => here("a=b\tc", "DisallowedCharacter"),
        R::NamelessEquals => Shown { reason: None, ..here("=a=b", "") },
        R::Nameless => return Not("it takes a nameless cookie; Safari does not"),
        R::BadHost => {
            Shown { url: "http://shop.example.test../", ..invalid_domain("a=b; Domain=example.test..") }
        }
        R::Separator => return Not("a name or value that has a separator comes from files alone"),
        R::BadPath => return Not("a path that does not begin with `/` comes from files alone"),
        _ => panic!("{refusal:?} has no line here"),
    })
}

fn here(line: &str, reason: &'static str) -> Shown {
    Shown { before: None, by: By::Answer, url: HERE, line: line.as_bytes().to_vec(), reason: Some(reason) }
}
