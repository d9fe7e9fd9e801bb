use std::borrow::Cow;
use std::fmt;

use super::Severity::{self, Error, Notice, Warning};
use crate::set_cookie::{Profile, Refusal};

/// One row of the table below.
pub(super) struct Row {
    /// The severity for a session cookie that is sent over a network.
    pub(super) severity: Severity,
    /// The lower severity for other cookies, or `None` if they have the same severity.
    pub(super) for_others: Option<Severity>,
    /// The lower severity on a loopback connection, which other machines cannot read, or `None` if such a connection
    /// makes no difference.
    pub(super) on_loopback: Option<Severity>,
    /// A clause that describes the problem.
    pub(super) message: Cow<'static, str>,
    /// An instruction for fixing the problem.
    pub(super) fix: &'static str,
    /// The document and section that the rule comes from.
    pub(super) reference: &'static str,
}

/// Defines the enum of the rules, and the row of each rule.
macro_rules! rules {
    (
        $(#[$of_enum:meta])*
        pub enum $Rule:ident;
        $(
            $(#[$of_rule:meta])*
            $rule:ident $(($($field:ident: $Field:ty),+))? {
                severity: $severity:ident $(, for_others: $for_others:ident)? $(, on_loopback: $on_loopback:ident)?,
                message: $message:expr,
                fix: $fix:expr,
                reference: $reference:expr,
            }
        )+
    ) => {
        $(#[$of_enum])*
        pub enum $Rule {
            $($(#[$of_rule])* $rule $(($($Field),+))?,)+
        }

        impl $Rule {
            pub(super) fn row(self) -> Row {
                match self {
                    $(Self::$rule $(($($field),+))? => Row {
                        severity: $severity,
                        for_others: None$(.or(Some($for_others)))?,
                        on_loopback: None$(.or(Some($on_loopback)))?,
                        message: $message.into(),
                        fix: $fix,
                        reference: $reference,
                    },)+
                }
            }
        }
    };
}

rules! {
    /// A rule that a cookie or a response does not meet.
    ///
    /// `Display` writes a stable identifier: the name of the variant, such as `NoHttpOnly` or `Refused(PublicSuffix)`.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum Rule;

    /// The jar refuses the cookie.
    Refused(refusal: Refusal) {
        severity: Error,
        message: format!("browsers refuse it: {refusal}"),
        fix: refusal.fix(),
        reference: refusal.reference(),
    }
    /// The jar accepts the cookie, but a browser with this profile refuses it.
    RefusedBy(profile: Profile, refusal: Refusal) {
        severity: Warning, on_loopback: Notice,
        message: format!("{} refuses it: {refusal}", browser(profile)),
        fix: refusal.fix(),
        reference: refusal.reference(),
    }
    /// The cookie was received over an unencrypted connection.
    PlainConnection {
        severity: Error, for_others: Warning,
        message: "the connection is not encrypted, so anyone on the network can read it",
        fix: "serve the site over https only, and add `Secure`",
        reference: "NIST SP 800-63B, session secrets",
    }
    /// The cookie has no `Secure`.
    NoSecure {
        severity: Error, for_others: Warning, on_loopback: Notice,
        message: "it is also sent over unencrypted connections, where anyone on the network can read it",
        fix: "add `Secure`",
        reference: "OWASP ASVS 5.0, 3.3.1",
    }
    /// The cookie has no `HttpOnly`.
    NoHttpOnly {
        severity: Error, for_others: Notice,
        message: "scripts in the page can read it and send it elsewhere",
        fix: "add `HttpOnly`",
        reference: "OWASP ASVS 5.0, 3.3.4",
    }
    /// The cookie has no `SameSite`.
    NoSameSite {
        severity: Warning, for_others: Notice,
        message: "it has no `SameSite`, and browsers differ in the cross-site requests with which they then send it",
        fix: "add `SameSite=Lax`",
        reference: "OWASP ASVS 5.0, 3.3.2",
    }
    /// The cookie's `SameSite` has an unknown value.
    UnknownSameSite {
        severity: Warning,
        message: "its `SameSite` has a value that browsers do not know, so they treat it as missing",
        fix: "use `Strict`, `Lax`, or `None`",
        reference: "OWASP ASVS 5.0, 3.3.2",
    }
    /// The cookie has `SameSite=None` without `Partitioned`.
    SameSiteNone {
        severity: Warning, for_others: Notice,
        message: "it is sent with the requests that any other site makes",
        fix: "use `SameSite=Lax`, or add `Partitioned` if other sites embed yours and may each have a separate login",
        reference: "OWASP ASVS 5.0, 3.3.2",
    }
    /// The cookie's name has no prefix such as `__Host-`.
    NoPrefix {
        severity: Warning, for_others: Notice,
        message: "its name has no prefix, so another host under the same domain can set a cookie that replaces or precedes it",
        fix: "begin its name with `__Host-`, or with `__Secure-` if several hosts share it",
        reference: "OWASP ASVS 5.0, 3.3.1",
    }
    /// The cookie's name begins with `__Secure-`, but could begin with `__Host-`.
    WeakPrefix {
        severity: Notice,
        message: "it is only for its own host, but its name does not make browsers enforce that",
        fix: "begin its name with `__Host-`",
        reference: "OWASP ASVS 5.0, 3.3.3",
    }
    /// The cookie has a `Domain`.
    WideDomain {
        severity: Warning, for_others: Notice,
        message: "it is sent to all hosts under its domain, including those that others operate",
        fix: "remove `Domain`, and begin its name with `__Host-`, unless those hosts are meant to share it",
        reference: "OWASP ASVS 5.0, 3.3.3",
    }
    /// The cookie's name reveals which software the site uses.
    TellingName {
        severity: Notice,
        message: "its name reveals which software the site uses",
        fix: "use a neutral name, such as `__Host-session`",
        reference: "OWASP Session Management Cheat Sheet",
    }
    /// The cookie's value is too short for 64 random bits, so it can be guessed.
    GuessableId {
        severity: Error,
        message: "it can be guessed: its value has room for fewer than 64 random bits",
        fix: "use at least 128 random bits from the operating system: 22 characters of base64, or 32 of hexadecimal",
        reference: "OWASP ASVS 5.0, 7.2.3",
    }
    /// The cookie's value is too short for 128 random bits.
    ShortId {
        severity: Warning,
        message: "its value has room for fewer than 128 random bits",
        fix: "use at least 128 random bits from the operating system: 22 characters of base64, or 32 of hexadecimal",
        reference: "OWASP ASVS 5.0, 7.2.3",
    }
    /// The cookie's value contains an e-mail address.
    PersonalData {
        severity: Warning,
        message: "its value contains an e-mail address, which anyone who sees the cookie can read",
        fix: "store the address on the server, or encrypt the cookie",
        reference: "OWASP Session Management Cheat Sheet",
    }
    /// The cookie's value is an unsigned token (`alg` is `none`).
    UnsignedToken {
        severity: Error,
        message: "its token is not signed (`alg` is `none`), so anyone can create one",
        fix: "sign the token, and accept only one algorithm",
        reference: "OWASP ASVS 5.0, 9.1.2",
    }
    /// The cookie's value is a token that never expires.
    EndlessToken {
        severity: Warning,
        message: "its token never expires, so a stolen copy stays valid",
        fix: "add an expiration (`exp`) to the token, and check it",
        reference: "OWASP ASVS 5.0, 9.2.1",
    }
    /// The cookie's name and value exceed 3 KiB.
    NearLimit {
        severity: Warning,
        message: "it is over 3 KiB and is sent with every request, and browsers refuse cookies over 4 KiB",
        fix: "store large data on the server, and an id in the cookie",
        reference: "OWASP ASVS 5.0, 3.3.5",
    }
    /// The cookie's lifetime exceeds the browsers' maximum of 400 days.
    OverLongLife {
        severity: Notice,
        message: "its lifetime is over 400 days, and browsers shorten it to 400 days",
        fix: "use at most 400 days (`Max-Age=34560000`), and set the cookie again from time to time",
        reference: "RFC 6265bis, section 5.5",
    }
    /// The cookie is a session cookie that persists for over 30 days.
    LongSession {
        severity: Notice,
        message: "it keeps a login on the visitor's disk for over 30 days",
        fix: "let the cookie expire soon after the session, and enforce the end of the session on the server",
        reference: "NIST SP 800-63B, browser cookies",
    }
    /// The cookie's name has a character that the standard does not allow in names.
    BadName {
        severity: Warning,
        message: "its name has a character that some servers and browsers cannot read",
        fix: "use only ASCII letters, digits, and `-_.`",
        reference: "RFC 6265bis, section 4.1.1",
    }
    /// The cookie has no name.
    NoName {
        severity: Warning,
        message: "it has no name, and servers read such a cookie differently or not at all",
        fix: "give it a name",
        reference: "RFC 6265bis, section 4.1.1",
    }
    /// The cookie's value has a character that the standard does not allow in values.
    BadValue {
        severity: Warning,
        message: "its value has a character that some servers and browsers cannot read",
        fix: "encode the value: percent-encoding or base64url",
        reference: "RFC 6265bis, section 4.1.1",
    }
    /// The cookie has the same attribute twice.
    Twice {
        severity: Warning,
        message: "it has an attribute twice, and only the last one counts",
        fix: "set each attribute once",
        reference: "RFC 6265bis, section 4.1.1",
    }
    /// The cookie has an unknown attribute, which browsers ignore.
    UnknownAttribute {
        severity: Notice,
        message: "it has an attribute that browsers do not know, and ignore",
        fix: "check the spelling, or remove the attribute",
        reference: "RFC 6265bis, section 5.6",
    }
    /// The cookie has an attribute whose value is over 1024 bytes long.
    LongAttribute {
        severity: Warning,
        message: "it has an attribute of over 1024 bytes, which browsers ignore",
        fix: "shorten the attribute",
        reference: "RFC 6265bis, section 5.6",
    }
    /// The cookie's `Max-Age` is not a number.
    BadMaxAge {
        severity: Warning,
        message: "its `Max-Age` is not a number, so browsers ignore it",
        fix: "write the seconds in digits, such as `Max-Age=3600`",
        reference: "RFC 6265bis, section 4.1.1",
    }
    /// The cookie's `Expires` is not a date.
    BadExpires {
        severity: Warning,
        message: "its `Expires` is not a date that browsers can parse, so they ignore it",
        fix: "write the date as `Thu, 01 Jan 2026 00:00:00 GMT`, or use `Max-Age` instead",
        reference: "RFC 6265bis, section 5.1.1",
    }
    /// The cookie's `Expires` is not in the date format of HTTP.
    OddExpires {
        severity: Notice,
        message: "its `Expires` is not in the date format of HTTP, which some clients cannot parse",
        fix: "write the date as `Thu, 01 Jan 2026 00:00:00 GMT`, or use `Max-Age` instead",
        reference: "RFC 6265bis, section 4.1.1",
    }
    /// The cookie's `Path` does not begin with `/`.
    BadPath {
        severity: Warning,
        message: "its `Path` does not begin with `/`, so browsers use the directory of the page instead",
        fix: "begin the path with `/`, such as `Path=/`",
        reference: "RFC 6265bis, section 5.6.4",
    }
    /// An earlier field of the response sets a cookie with the same name.
    SetAgain {
        severity: Warning,
        message: "the response sets its name more than once, and which one counts is uncertain",
        fix: "set it once, at the end",
        reference: "RFC 6265bis, section 4.1.1",
    }
    /// The response sets the cookie, and caches may store the response.
    Cacheable {
        severity: Warning, for_others: Notice,
        message: "a cache may store the response, and give the cookie to someone else",
        fix: "add `Cache-Control: no-store` to responses that set it",
        reference: "OWASP Session Management Cheat Sheet",
    }
    /// The line is meant to remove a cookie, but the jar's cookie with that name has another domain or path.
    RemovesNothing {
        severity: Warning,
        message: "it is meant to remove a cookie, but the cookie with that name has another domain or path, and stays",
        fix: "repeat the domain and the path with which the cookie was set",
        reference: "RFC 6265bis, section 3.1",
    }
    /// The jar has another cookie with the same name, for the same host or a parent domain.
    Double {
        severity: Warning, for_others: Notice,
        message: "another cookie with its name has a different domain or path, and a server cannot tell the two apart",
        fix: "set it with the same domain and path everywhere",
        reference: "OWASP Session Management Cheat Sheet",
    }
    /// With this cookie, the cookies in a request exceed 8 KiB in total.
    HeavyRequest {
        severity: Warning,
        message: "with it, a request has over 8 KiB of cookies, which many servers answer with an error",
        fix: "set fewer and smaller cookies",
        reference: "RFC 6265bis, section 6.1",
    }
    /// The response redirects from https to http.
    Downgrade {
        severity: Error,
        message: "the page redirects from https to http, where anyone on the network can read and set cookies",
        fix: "redirect only to https",
        reference: "NIST SP 800-63B, session secrets",
    }
    /// Two new visitors received the same session.
    SharedSession {
        severity: Error,
        message: "two new visitors received the same session",
        fix: "generate a random id for each session",
        reference: "OWASP ASVS 5.0, 7.2.2",
    }
    /// The site may accept session ids that it did not create: a visitor who sent such an id received no new id,
    /// although a visitor who sent none received one. The site may still issue a new id later, when the visitor logs
    /// in.
    PlantedSession {
        severity: Warning,
        message: "the site did not replace a session id that it had not created, so an attacker who plants one may share the session",
        fix: "reject ids that are not in the store, and issue a new id at each login",
        reference: "OWASP Session Management Cheat Sheet",
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

const fn browser(profile: Profile) -> &'static str {
    match profile {
        Profile::Chromium => "Chromium",
        Profile::Safari => "Safari",
        Profile::Standard => "a browser that follows the standard",
    }
}
