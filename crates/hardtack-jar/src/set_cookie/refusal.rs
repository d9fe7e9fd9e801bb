use std::error::Error as StdError;
use std::fmt;

use hardtack_core::cookie::Prefix;

/// The reason why a browser refuses a cookie. Each reason has a message, a fix, and a reference to the standard or
/// browser from which the rule comes.
///
/// ```
/// use hardtack_jar::{RequestContext, Jar, Refusal};
///
/// # fn main() -> Result<(), hardtack_jar::Error> {
/// let jar = Jar::new();
/// let page = RequestContext::http("http://shop.example/")?;
/// let refusal = jar.check(&page, "id=1; Secure", std::time::SystemTime::now()).unwrap_err();
/// assert_eq!(refusal, Refusal::InsecureSecure);
/// assert_eq!(refusal.message(), "it has `Secure`, but the connection is not encrypted");
/// assert_eq!(refusal.fix(), "serve the site over https");
/// assert_eq!(refusal.reference(), "RFC 6265bis, section 5.7");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Refusal {
    /// A control character other than the tab, anywhere in the line.
    ControlCharacter,
    /// A name and value that exceed 4096 bytes in total.
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
    /// A `Secure` cookie from a connection that is not secure.
    InsecureSecure,
    /// A cookie from a connection that is not secure, which would shadow a `Secure` cookie with the same name.
    ShadowsSecure,
    /// An `HttpOnly` cookie that a script sets.
    ScriptHttpOnly,
    /// A cookie that a script sets, and that would replace an `HttpOnly` cookie.
    ReplacesHttpOnly,
    /// A cookie without `SameSite=None`, in a response that another site embeds or fetches.
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
    /// A path that does not begin with `/` or has a control character, in a cookie that was read from a file.
    BadPath,
    /// A `;` in the name or value, or a `=` in the name, of a cookie that was read from a file. A `Set-Cookie` line
    /// cannot contain such a name or value.
    Separator,
}

impl Refusal {
    /// All reasons, in the order of the variants, for a table or an exhaustive test.
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

    /// Returns the reason as a clause, in which "it" is the cookie.
    pub const fn message(self) -> &'static str {
        self.row().message
    }

    /// Returns an instruction to the site for fixing the cookie.
    pub const fn fix(self) -> &'static str {
        self.row().fix
    }

    /// Returns the document and section that the rule comes from.
    pub const fn reference(self) -> &'static str {
        self.row().reference
    }

    const fn row(self) -> Row {
        match self {
            Self::ControlCharacter => Row {
                message: "it contains a control character",
                fix: "encode it: percent-encoding or base64url",
                reference: "RFC 6265bis, section 5.6",
            },
            Self::TooLarge => Row {
                message: "its name and value exceed 4096 bytes",
                fix: "store large data on the server, and an id in the cookie",
                reference: "RFC 6265bis, section 5.6",
            },
            Self::Empty => Row {
                message: "it has neither a name nor a value",
                fix: "give it a name",
                reference: "RFC 6265bis, section 5.7",
            },
            Self::DomainNotAscii => Row {
                message: "its domain is not ASCII",
                fix: "write its domain as `xn--…`",
                reference: "RFC 6265bis, section 5.7",
            },
            Self::DomainDot => Row {
                message: "its domain is a single dot",
                fix: "remove `Domain`, or use your own domain",
                reference: "Web Platform Tests, cookies/attributes/domain",
            },
            Self::PublicSuffix => Row {
                message: "its domain is a public suffix, under which anyone can register a name",
                fix: "remove `Domain`, or use your own domain",
                reference: "RFC 6265bis, section 5.7",
            },
            Self::ForeignDomain => Row {
                message: "its domain is neither the host that set it nor a parent domain of that host",
                fix: "remove `Domain`, or use the host or one of its parent domains",
                reference: "RFC 6265bis, section 5.7",
            },
            Self::PathNotAscii => Row {
                message: "its path is not ASCII",
                fix: "percent-encode its path",
                reference: "Web Platform Tests, cookies/path",
            },
            Self::InsecureSecure => Row {
                message: "it has `Secure`, but the connection is not encrypted",
                fix: "serve the site over https",
                reference: "RFC 6265bis, section 5.7",
            },
            Self::ShadowsSecure => Row {
                message: "the connection is not encrypted, and it would shadow a `Secure` cookie with its name",
                fix: "serve the site over https only, and add `Secure` here, too",
                reference: "RFC 6265bis, section 5.7",
            },
            Self::ScriptHttpOnly => Row {
                message: "it has `HttpOnly`, but a script set it",
                fix: "set it from the server",
                reference: "RFC 6265bis, section 5.7",
            },
            Self::ReplacesHttpOnly => Row {
                message: "a script set it, and it would replace an `HttpOnly` cookie",
                fix: "set it from the server",
                reference: "RFC 6265bis, section 5.7",
            },
            Self::CrossSite => Row {
                message: "another site embeds or fetches the response, and it does not have `SameSite=None`",
                fix: "add `SameSite=None; Secure` if other sites are meant to cause it to be set",
                reference: "RFC 6265bis, section 5.7",
            },
            Self::NoneWithoutSecure => Row {
                message: "it has `SameSite=None` without `Secure`",
                fix: "add `Secure`",
                reference: "RFC 6265bis, section 5.7",
            },
            Self::Prefix(Prefix::Secure) => Row {
                message: "its name begins with `__Secure-`, which requires `Secure`",
                fix: "add `Secure`, or change its name",
                reference: "RFC 6265bis, section 5.7",
            },
            Self::Prefix(Prefix::Host) => Row {
                message: "its name begins with `__Host-`, which requires `Secure`, `Path=/`, and no `Domain`",
                fix: "use `Secure; Path=/` and no `Domain`, or change its name",
                reference: "RFC 6265bis, section 5.7",
            },
            Self::Prefix(Prefix::Http) => Row {
                message: "its name begins with `__Http-`, which requires `Secure` and `HttpOnly`",
                fix: "add `Secure; HttpOnly`, or change its name",
                reference: "Cookies: HTTP State Management Mechanism (layered cookies), section 5.7",
            },
            Self::Prefix(_) => Row {
                message: "its name begins with `__Host-Http-`, which requires `Secure`, `HttpOnly`, `Path=/`, and no \
                          `Domain`",
                fix: "use `Secure; HttpOnly; Path=/` and no `Domain`, or change its name",
                reference: "Cookies: HTTP State Management Mechanism (layered cookies), section 5.7",
            },
            Self::NamelessPrefix => Row {
                message: "it has no name, and its value looks like a name with a prefix",
                fix: "give it a name",
                reference: "RFC 6265bis, section 5.7",
            },
            Self::PartitionedWithoutSecure => Row {
                message: "it has `Partitioned` without `Secure`",
                fix: "add `Secure`",
                reference: "CHIPS, section 2.1",
            },
            Self::UnknownPartition => Row {
                message: "it has `Partitioned`, but the top-level site is unknown",
                fix: "set the partition of the request",
                reference: "CHIPS, section 2.1",
            },
            Self::InnerTab => Row {
                message: "it contains a tab, which Chromium does not accept",
                fix: "encode it: percent-encoding or base64url",
                reference: "Chromium, canonical_cookie.cc",
            },
            Self::NamelessEquals => Row {
                message: "it has no name, and its value contains `=`, which Chromium does not accept",
                fix: "give it a name",
                reference: "Chromium, canonical_cookie.cc",
            },
            Self::Nameless => Row {
                message: "it has no name, which Safari does not accept",
                fix: "give it a name",
                reference: "Safari",
            },
            Self::BadHost => Row {
                message: "its domain is not a host name",
                fix: "remove `Domain`, or use your own domain",
                reference: "RFC 6265bis, section 5.1.2",
            },
            Self::BadPath => Row {
                message: "its path does not begin with `/`",
                fix: "begin its path with `/`",
                reference: "RFC 6265bis, section 5.1.4",
            },
            Self::Separator => Row {
                message: "its name or value contains `;`, or its name contains `=`, which a `Set-Cookie` line uses as \
                          separators",
                fix: "encode it: percent-encoding or base64url",
                reference: "RFC 6265bis, section 5.6",
            },
        }
    }
}

/// The message, the fix, and the reference of a refusal.
struct Row {
    message: &'static str,
    fix: &'static str,
    reference: &'static str,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl StdError for Refusal {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_variants_are_listed() {
        for (place, &refusal) in Refusal::ALL.iter().enumerate() {
            // This `match` does not compile until a new variant is added to it. Add the variant to `ALL`, too.
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
    fn each_has_its_own_message() {
        for (place, refusal) in Refusal::ALL.iter().enumerate() {
            assert!(!refusal.reference().is_empty() && refusal.message().len() > 20, "{refusal:?}");
            assert!(
                Refusal::ALL[..place].iter().all(|other| other.message() != refusal.message()),
                "{refusal:?}"
            );
        }
    }
}
