use std::borrow::Cow;

use super::{Role, Severity};
use crate::profile::Profile;
use crate::refusal::Refusal;

/// A flaw of a cookie, with a sentence, a fix, and the source of the rule.
///
/// ```
/// use hardtack_jar::Flaw;
///
/// assert_eq!(Flaw::NoHttpOnly.sentence(), "a script in the page can read it, and take it elsewhere");
/// assert_eq!(Flaw::NoHttpOnly.fix(), "say `HttpOnly`");
/// assert_eq!(Flaw::NoHttpOnly.section(), "OWASP ASVS 5.0, 3.3.4");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Flaw {
    /// The jar refuses it.
    Refused(Refusal),
    /// The jar accepts it, but a browser with this profile refuses it.
    RefusedBy(Profile, Refusal),
    /// It came over an unencrypted connection.
    PlainConnection,
    /// It has no `Secure`.
    NoSecure,
    /// It has no `HttpOnly`.
    NoHttpOnly,
    /// It has no `SameSite`.
    NoSameSite,
    /// Its `SameSite` has an unknown value.
    UnknownSameSite,
    /// It has `SameSite=None` without `Partitioned`.
    SameSiteNone,
    /// Its name has no prefix such as `__Host-`.
    NoPrefix,
    /// Its name begins with `__Secure-`, but could begin with `__Host-`.
    WeakPrefix,
    /// It has a `Domain`.
    WideDomain,
    /// Its name reveals which software the site uses.
    TellingName,
    /// Its value can be guessed: it has fewer than 64 random bits.
    GuessableId,
    /// Its value has fewer than 128 random bits.
    ShortId,
    /// Its value contains an e-mail address.
    PersonalData,
    /// Its value is an unsigned token (`alg` is `none`).
    UnsignedToken,
    /// Its value is a signed token that never expires.
    EndlessToken,
    /// Its name and value exceed 3 KiB.
    NearLimit,
    /// Its lifetime exceeds the browsers' maximum.
    OverLongLife,
    /// It is a session that persists for over 30 days.
    LongSession,
    /// Its name has a character that is not allowed in names.
    BadName,
    /// It has no name.
    NoName,
    /// Its value has a character that is not allowed in values.
    BadValue,
    /// It has the same attribute twice.
    Twice,
    /// It has an attribute that no browser knows.
    UnknownAttribute,
    /// It has an attribute of over 1024 bytes.
    LongAttribute,
    /// Its `Max-Age` is not a number.
    BadMaxAge,
    /// Its `Expires` is not a date.
    BadExpires,
    /// Its `Expires` is not in the date format of HTTP.
    OddExpires,
    /// Its `Path` does not begin with `/`.
    BadPath,
    /// The response sets the same name again.
    SetAgain,
    /// Caches may store the response.
    Cacheable,
    /// It is meant to remove a cookie, but the jar's cookie with that name has another domain or path.
    RemovesNothing,
    /// The jar has another cookie with its name that is sent with the same requests.
    Double,
    /// With it, the cookies of a request exceed 8 KiB in total.
    HeavyRequest,
}

impl Flaw {
    /// Returns what is wrong, as a clause about the cookie.
    pub fn sentence(self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Refused(refusal) => {
                return Cow::Owned(format!("browsers do not keep it: {}", refusal.sentence()));
            }
            Self::RefusedBy(profile, refusal) => {
                let browser = match profile {
                    Profile::Chromium => "Chromium",
                    Profile::Safari => "Safari",
                    Profile::Standard => "a browser that follows the standard",
                };
                return Cow::Owned(format!("{browser} does not keep it: {}", refusal.sentence()));
            }
            Self::PlainConnection => "anybody on the way can read it: the connection is not encrypted",
            Self::NoSecure => {
                "it also goes over connections that are not encrypted, where anybody can read it"
            }
            Self::NoHttpOnly => "a script in the page can read it, and take it elsewhere",
            Self::NoSameSite => {
                "it does not say with which other sites' requests it goes, and browsers differ in what they make of that"
            }
            Self::UnknownSameSite => {
                "its `SameSite` is a word that browsers do not know, and counts as left out"
            }
            Self::SameSiteNone => "it goes with the requests that any other site's page makes",
            Self::NoPrefix => {
                "its name makes no promise, so that a neighbour under the same domain can put one of its own before it"
            }
            Self::WeakPrefix => "it is for its host alone, and its name does not say so",
            Self::WideDomain => "it goes to all hosts under its domain, also to those that others run",
            Self::TellingName => "its name says with which product the site is made",
            Self::GuessableId => "it can be guessed: its value has room for fewer than 64 random bits",
            Self::ShortId => "its value has room for fewer than 128 random bits",
            Self::PersonalData => {
                "there is an e-mail address in its value, for everybody who sees the cookie"
            }
            Self::UnsignedToken => "its token says that nobody has signed it, so that anybody can write one",
            Self::EndlessToken => "its token does not say when it ends, so that a copy is good for ever",
            Self::NearLimit => {
                "it has over 3 KiB, goes with each request, and from 4 KiB on browsers drop it"
            }
            Self::OverLongLife => "it is to live for over 400 days, and browsers keep none for so long",
            Self::LongSession => "it keeps a login for over 30 days on the visitor's disk",
            Self::BadName => "there is a character in its name that some servers and browsers do not read",
            Self::NoName => "it has no name, and servers read it differently or not at all",
            Self::BadValue => "there is a character in its value that some servers and browsers do not read",
            Self::Twice => "it says an attribute twice, and only the last one counts",
            Self::UnknownAttribute => "it says an attribute that browsers do not know, and skip",
            Self::LongAttribute => "it has an attribute of over 1024 bytes, which browsers skip",
            Self::BadMaxAge => "its `Max-Age` is no number, and browsers skip it",
            Self::BadExpires => "its `Expires` is no date that browsers can read, and they skip it",
            Self::OddExpires => {
                "its `Expires` is not written as HTTP writes dates, and not everybody reads it"
            }
            Self::BadPath => {
                "its `Path` does not begin with `/`, and browsers take the page's folder instead"
            }
            Self::SetAgain => "the response sets its name twice, and which one counts is not certain",
            Self::Cacheable => "a cache may keep the response, and give the cookie to somebody else",
            Self::RemovesNothing => {
                "it is to remove a cookie, and the one of that name has another domain or path and stays"
            }
            Self::Double => {
                "there are two of its name with other domains or paths, and a server cannot tell them apart"
            }
            Self::HeavyRequest => {
                "with it, a request carries over 8 KiB of cookies, which many servers answer with an error"
            }
        })
    }

    /// Returns how to fix it.
    pub const fn fix(self) -> &'static str {
        match self {
            Self::Refused(refusal) | Self::RefusedBy(_, refusal) => refusal.fix(),
            Self::PlainConnection => "serve the site by https only, and say `Secure`",
            Self::NoSecure => "say `Secure`",
            Self::NoHttpOnly => "say `HttpOnly`",
            Self::NoSameSite => "say `SameSite=Lax`",
            Self::UnknownSameSite => "say `Strict`, `Lax` or `None`",
            Self::SameSiteNone => {
                "say `SameSite=Lax`, or `Partitioned` beside it if other sites embed yours and one login for each of them will do"
            }
            Self::NoPrefix => "begin its name with `__Host-`, or with `__Secure-` if several hosts share it",
            Self::WeakPrefix => "begin its name with `__Host-`",
            Self::WideDomain => {
                "leave `Domain` out, and begin its name with `__Host-`, unless those hosts are meant to share it"
            }
            Self::TellingName => "give it a name that says nothing, as `__Host-session`",
            Self::GuessableId | Self::ShortId => {
                "make it of 128 random bits or more, from the operating system: 22 characters of base64, 32 of hexadecimal"
            }
            Self::PersonalData => "keep the address on the server, or encrypt the cookie",
            Self::UnsignedToken => "sign the token, and accept one algorithm only",
            Self::EndlessToken => "put the moment of its end into the token, and check it",
            Self::NearLimit => "keep large data on the server, and an id in the cookie",
            Self::OverLongLife => "say 400 days at most, `Max-Age=34560000`, and set it anew",
            Self::LongSession => {
                "let the cookie end soon after the session does, and enforce that end on the server"
            }
            Self::BadName => "use ASCII letters, digits and `-_.` only",
            Self::NoName => "give it a name",
            Self::BadValue => "encode it: percent-encoding or base64url",
            Self::Twice => "say each attribute once",
            Self::UnknownAttribute => "check its spelling, or leave it out",
            Self::LongAttribute => "shorten it",
            Self::BadMaxAge => "write it as seconds in digits, as `Max-Age=3600`",
            Self::BadExpires | Self::OddExpires => {
                "write it as `Thu, 01 Jan 2026 00:00:00 GMT`, or say `Max-Age` instead"
            }
            Self::BadPath => "write it as `Path=/`",
            Self::SetAgain => "set it once, at the end",
            Self::Cacheable => "say `Cache-Control: no-store` in responses that set it",
            Self::RemovesNothing => "repeat the domain and the path with which it was set",
            Self::Double => "set it with one domain and one path everywhere",
            Self::HeavyRequest => "set fewer and smaller cookies",
        }
    }

    /// Returns the document and section of the rule.
    pub const fn section(self) -> &'static str {
        match self {
            Self::Refused(refusal) | Self::RefusedBy(_, refusal) => refusal.section(),
            Self::PlainConnection => "NIST SP 800-63B, session secrets",
            Self::NoSecure | Self::NoPrefix => "OWASP ASVS 5.0, 3.3.1",
            Self::NoSameSite | Self::UnknownSameSite | Self::SameSiteNone => "OWASP ASVS 5.0, 3.3.2",
            Self::WeakPrefix | Self::WideDomain => "OWASP ASVS 5.0, 3.3.3",
            Self::NoHttpOnly => "OWASP ASVS 5.0, 3.3.4",
            Self::NearLimit => "OWASP ASVS 5.0, 3.3.5",
            Self::ShortId | Self::GuessableId => "OWASP ASVS 5.0, 7.2.3",
            Self::UnsignedToken => "OWASP ASVS 5.0, 9.1.2",
            Self::EndlessToken => "OWASP ASVS 5.0, 9.2.1",
            Self::TellingName | Self::PersonalData | Self::Cacheable | Self::Double => {
                "OWASP Session Management Cheat Sheet"
            }
            Self::LongSession => "NIST SP 800-63B, browser cookies",
            Self::OverLongLife => "RFC 6265bis, section 5.5",
            Self::BadName
            | Self::NoName
            | Self::BadValue
            | Self::BadMaxAge
            | Self::OddExpires
            | Self::Twice
            | Self::SetAgain => "RFC 6265bis, section 4.1.1",
            Self::UnknownAttribute | Self::LongAttribute => "RFC 6265bis, section 5.6",
            Self::BadExpires => "RFC 6265bis, section 5.1.1",
            Self::BadPath => "RFC 6265bis, section 5.6.4",
            Self::RemovesNothing => "RFC 6265bis, section 3.1",
            Self::HeavyRequest => "RFC 6265bis, section 6.1",
        }
    }

    /// Returns how severe the flaw is: most severe for a session, and less so on a loopback connection, which other
    /// machines cannot read.
    pub(super) fn severity(self, role: Role, loopback: bool) -> Severity {
        use Severity::{Error, Notice, Warning};
        let for_session = |severity| if role == Role::Session { severity } else { Notice };
        match self {
            Self::RefusedBy(..) | Self::NoSecure if loopback => Notice,
            Self::Refused(_) | Self::GuessableId | Self::UnsignedToken => Error,
            Self::PlainConnection | Self::NoSecure if role == Role::Session => Error,
            Self::NoHttpOnly => for_session(Error),
            Self::RefusedBy(..)
            | Self::PlainConnection
            | Self::NoSecure
            | Self::UnknownSameSite
            | Self::ShortId
            | Self::PersonalData
            | Self::EndlessToken
            | Self::NearLimit
            | Self::BadName
            | Self::NoName
            | Self::BadValue
            | Self::Twice
            | Self::LongAttribute
            | Self::BadMaxAge
            | Self::BadExpires
            | Self::BadPath
            | Self::SetAgain
            | Self::RemovesNothing
            | Self::HeavyRequest => Warning,
            Self::NoSameSite
            | Self::SameSiteNone
            | Self::NoPrefix
            | Self::WideDomain
            | Self::Cacheable
            | Self::Double => for_session(Warning),
            Self::WeakPrefix
            | Self::TellingName
            | Self::OverLongLife
            | Self::LongSession
            | Self::UnknownAttribute
            | Self::OddExpires => Notice,
        }
    }
}
