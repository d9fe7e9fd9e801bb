use std::error::Error as StdError;
use std::fmt;

use hardtack_core::cookie::Prefix;

/// Why a browser refuses a cookie: a rule of the standard, with its section and a human-readable sentence.
///
/// ```
/// use hardtack_jar::{RequestContext, Jar, Refusal};
///
/// # fn main() -> Result<(), hardtack_jar::Error> {
/// let jar = Jar::new();
/// let page = RequestContext::http("http://shop.example/")?;
/// let refusal = jar.check(&page, "id=1; Secure", std::time::SystemTime::now()).unwrap_err();
/// assert_eq!(refusal, Refusal::InsecureSecure);
/// assert_eq!(refusal.section(), "RFC 6265bis, section 5.7");
/// assert_eq!(refusal.to_string(), "it says `Secure`, and came over a connection that is not encrypted");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Refusal {
    /// A control character other than the tab, anywhere in the line.
    ControlCharacter,
    /// The name and value exceed 4096 bytes.
    TooLarge,
    /// Neither a name nor a value.
    Empty,
    /// A `Domain` with bytes that are not ASCII.
    DomainNotAscii,
    /// A `Domain` that is a single dot.
    DomainDot,
    /// A `Domain` under which anyone can register a name, such as `com` or `co.uk`.
    PublicSuffix,
    /// A `Domain` that is neither the host nor one of its parent domains.
    ForeignDomain,
    /// A `Path` with bytes that are not ASCII.
    PathNotAscii,
    /// `Secure`, over a connection that is not secure.
    InsecureSecure,
    /// A cookie that would shadow a `Secure` one of the same name.
    ShadowsSecure,
    /// `HttpOnly` set by a script.
    ScriptHttpOnly,
    /// A script's cookie that would replace an `HttpOnly` one.
    ReplacesHttpOnly,
    /// A `SameSite` cookie in the response to a request from another site.
    CrossSite,
    /// `SameSite=None` without `Secure`.
    NoneWithoutSecure,
    /// A name prefix whose requirements the attributes do not meet.
    Prefix(Prefix),
    /// No name, and a value that looks like a prefixed name.
    NamelessPrefix,
    /// `Partitioned` without `Secure`.
    PartitionedWithoutSecure,
    /// `Partitioned`, in the response to a cross-site request whose top-level site is unknown.
    UnknownPartition,
    /// A tab inside a name or value, which Chromium refuses.
    InnerTab,
    /// No name, and `=` in the value, which Chromium refuses.
    NamelessEquals,
    /// No name, which Safari refuses.
    Nameless,
    /// A domain that is not a host name.
    BadHost,
    /// A path that does not begin with `/`, in a cookie read from a file.
    BadPath,
    /// A `;` in the name or value, or a `=` in the name, in a cookie read from a file: a `Set-Cookie` line cannot
    /// contain it.
    Separator,
}

impl Refusal {
    /// All variants, in the order above, for a table or an exhaustive test.
    pub const ALL: &[Self] = &[
        Self::ControlCharacter,
        Self::TooLarge,
        Self::Empty,
        Self::DomainNotAscii,
        Self::DomainDot,
        Self::PublicSuffix,
        Self::ForeignDomain,
        Self::PathNotAscii,
        Self::InsecureSecure,
        Self::ShadowsSecure,
        Self::ScriptHttpOnly,
        Self::ReplacesHttpOnly,
        Self::CrossSite,
        Self::NoneWithoutSecure,
        Self::Prefix(Prefix::Secure),
        Self::Prefix(Prefix::Host),
        Self::Prefix(Prefix::Http),
        Self::Prefix(Prefix::HostHttp),
        Self::NamelessPrefix,
        Self::PartitionedWithoutSecure,
        Self::UnknownPartition,
        Self::InnerTab,
        Self::NamelessEquals,
        Self::Nameless,
        Self::BadHost,
        Self::BadPath,
        Self::Separator,
    ];

    /// Returns the document and section of the rule.
    pub const fn section(self) -> &'static str {
        match self {
            Self::ControlCharacter | Self::TooLarge | Self::Separator => "RFC 6265bis, section 5.6",
            Self::Empty
            | Self::DomainNotAscii
            | Self::PublicSuffix
            | Self::ForeignDomain
            | Self::InsecureSecure
            | Self::ShadowsSecure
            | Self::ScriptHttpOnly
            | Self::ReplacesHttpOnly
            | Self::CrossSite
            | Self::NoneWithoutSecure
            | Self::NamelessPrefix
            | Self::Prefix(Prefix::Secure | Prefix::Host) => "RFC 6265bis, section 5.7",
            Self::Prefix(_) => "Cookies: HTTP State Management Mechanism (layered cookies), section 5.7",
            Self::DomainDot => "Web Platform Tests, cookies/attributes/domain",
            Self::PathNotAscii => "Web Platform Tests, cookies/path",
            Self::PartitionedWithoutSecure | Self::UnknownPartition => "CHIPS, section 2.1",
            Self::InnerTab | Self::NamelessEquals => "Chromium, canonical_cookie.cc",
            Self::Nameless => "Safari",
            Self::BadHost => "RFC 6265bis, section 5.1.2",
            Self::BadPath => "RFC 6265bis, section 5.1.4",
        }
    }

    /// Returns the reason, as a clause about the cookie.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::ControlCharacter => "it contains a control character",
            Self::TooLarge => "name and value have more than 4096 bytes together",
            Self::Empty => "it has neither a name nor a value",
            Self::DomainNotAscii => "its domain is not ASCII; it is written `xn--…`",
            Self::DomainDot => "its domain is a single dot",
            Self::PublicSuffix => "under its domain anybody can register a name, so it would go to strangers",
            Self::ForeignDomain => "its domain is neither the host that set it nor above that host",
            Self::PathNotAscii => "its path is not ASCII; it is percent-encoded",
            Self::InsecureSecure => "it says `Secure`, and came over a connection that is not encrypted",
            Self::ShadowsSecure => {
                "it came over a connection that is not encrypted, and would stand before a `Secure` cookie of its name"
            }
            Self::ScriptHttpOnly => "it says `HttpOnly`, and was set by a script",
            Self::ReplacesHttpOnly => "it was set by a script, and would replace an `HttpOnly` cookie",
            Self::CrossSite => {
                "it came with something that another site embeds or fetches, and does not say `SameSite=None`"
            }
            Self::NoneWithoutSecure => "it says `SameSite=None` without `Secure`",
            Self::Prefix(prefix) => match prefix {
                Prefix::Secure => "its name begins with `__Secure-`, which needs `Secure`",
                Prefix::Host => {
                    "its name begins with `__Host-`, which needs `Secure` and `Path=/`, and no `Domain`"
                }
                Prefix::Http => "its name begins with `__Http-`, which needs `Secure` and `HttpOnly`",
                _ => {
                    "its name begins with `__Host-Http-`, which needs `Secure`, `HttpOnly` and `Path=/`, and no `Domain`"
                }
            },
            Self::NamelessPrefix => "it has no name, and its value looks like a name that makes promises",
            Self::PartitionedWithoutSecure => "it says `Partitioned` without `Secure`",
            Self::UnknownPartition => {
                "it says `Partitioned`, and nobody said in which site's page it is embedded"
            }
            Self::InnerTab => "there is a tab inside it, which Chromium does not take",
            Self::NamelessEquals => "it has no name and `=` in its value, which Chromium does not take",
            Self::Nameless => "it has no name, which Safari does not take",
            Self::BadHost => "its domain is no host name",
            Self::BadPath => "its path does not begin with `/`",
            Self::Separator => {
                "there is a `;` in its name or value, or a `=` in its name, which would separate them in a line"
            }
        }
    }

    /// Returns what the site can do to fix it.
    pub const fn fix(self) -> &'static str {
        match self {
            Self::ControlCharacter | Self::InnerTab | Self::Separator => {
                "encode it: percent-encoding or base64url"
            }
            Self::TooLarge => "keep large data on the server, and an id in the cookie",
            Self::Empty | Self::NamelessPrefix | Self::NamelessEquals | Self::Nameless => "give it a name",
            Self::DomainNotAscii => "write its domain as `xn--…`",
            Self::DomainDot | Self::PublicSuffix | Self::BadHost => "leave `Domain` out, or name your own",
            Self::ForeignDomain => "leave `Domain` out, or name the host or a domain above it",
            Self::PathNotAscii => "percent-encode its path",
            Self::InsecureSecure => "serve the site by https",
            Self::ShadowsSecure => "serve the site by https only, and say `Secure` here too",
            Self::ScriptHttpOnly | Self::ReplacesHttpOnly => "set it from the server",
            Self::CrossSite => {
                "say `SameSite=None; Secure`, if it is meant to be set from within other sites"
            }
            Self::NoneWithoutSecure | Self::PartitionedWithoutSecure => "say `Secure` too",
            Self::Prefix(prefix) => match prefix {
                Prefix::Secure => "say `Secure`, or change its name",
                Prefix::Host => "say `Secure; Path=/` and no `Domain`, or change its name",
                Prefix::Http => "say `Secure; HttpOnly`, or change its name",
                _ => "say `Secure; HttpOnly; Path=/` and no `Domain`, or change its name",
            },
            Self::UnknownPartition => "say in which site's page it is embedded",
            Self::BadPath => "begin its path with `/`",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence())
    }
}

impl StdError for Refusal {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_them_are_in_the_list() {
        for (place, &refusal) in Refusal::ALL.iter().enumerate() {
            // A new variant fails to compile until it is added here. Add it to the list, too.
            let expected = match refusal {
                Refusal::ControlCharacter => 0,
                Refusal::TooLarge => 1,
                Refusal::Empty => 2,
                Refusal::DomainNotAscii => 3,
                Refusal::DomainDot => 4,
                Refusal::PublicSuffix => 5,
                Refusal::ForeignDomain => 6,
                Refusal::PathNotAscii => 7,
                Refusal::InsecureSecure => 8,
                Refusal::ShadowsSecure => 9,
                Refusal::ScriptHttpOnly => 10,
                Refusal::ReplacesHttpOnly => 11,
                Refusal::CrossSite => 12,
                Refusal::NoneWithoutSecure => 13,
                Refusal::Prefix(Prefix::Secure) => 14,
                Refusal::Prefix(Prefix::Host) => 15,
                Refusal::Prefix(Prefix::Http) => 16,
                Refusal::Prefix(_) => 17,
                Refusal::NamelessPrefix => 18,
                Refusal::PartitionedWithoutSecure => 19,
                Refusal::UnknownPartition => 20,
                Refusal::InnerTab => 21,
                Refusal::NamelessEquals => 22,
                Refusal::Nameless => 23,
                Refusal::BadHost => 24,
                Refusal::BadPath => 25,
                Refusal::Separator => 26,
            };
            assert_eq!(place, expected, "{refusal:?}");
        }
        assert_eq!(Refusal::ALL.len(), 27);
    }

    #[test]
    fn each_says_something_else() {
        for (place, refusal) in Refusal::ALL.iter().enumerate() {
            assert!(!refusal.section().is_empty() && refusal.sentence().len() > 20, "{refusal:?}");
            assert!(
                Refusal::ALL[..place].iter().all(|other| other.sentence() != refusal.sentence()),
                "{refusal:?}"
            );
        }
    }
}
