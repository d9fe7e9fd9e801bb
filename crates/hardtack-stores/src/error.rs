use std::fmt;

use crate::Engine;

/// Why a text is not a valid store URL. The error never repeats the text, which may contain a password, except for the
/// name of an unknown parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UrlError(Kind);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Unknown,
    NoPath,
    NotBuilt(Engine, &'static str),
    Ambiguous,
    ForeignHost,
    ReadOnly,
    Mode,
    NoText,
    Parameter(Option<Box<str>>),
}

/// The maximum length of a parameter name that the error repeats; a longer one may be anything.
const MAX_NAME: usize = 40;

impl UrlError {
    pub(crate) const UNKNOWN: Self = Self(Kind::Unknown);
    pub(crate) const NO_PATH: Self = Self(Kind::NoPath);
    pub(crate) const AMBIGUOUS: Self = Self(Kind::Ambiguous);
    pub(crate) const FOREIGN_HOST: Self = Self(Kind::ForeignHost);
    pub(crate) const READ_ONLY: Self = Self(Kind::ReadOnly);
    pub(crate) const MODE: Self = Self(Kind::Mode);
    pub(crate) const NO_TEXT: Self = Self(Kind::NoText);

    pub(crate) fn not_built(engine: Engine, feature: &'static str) -> Self {
        Self(Kind::NotBuilt(engine, feature))
    }

    /// Returns the error for an unknown parameter, with its name if it looks like one.
    pub(crate) fn parameter(name: &str) -> Self {
        let is_name = name.len() <= MAX_NAME
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        Self(Kind::Parameter(is_name.then(|| name.into())))
    }
}

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Unknown => f.write_str(
                "there is no such store: use memory:, sqlite:PATH, postgres://…, mysql://…, redis://…, redis-sentinel://… or \
                 redis-cluster://…",
            ),
            Kind::NoPath => f.write_str(
                "an SQLite store needs the path of its file, as in sqlite:sessions.db; for a store in memory use \
                 sqlite::memory: or memory:",
            ),
            Kind::NotBuilt(engine, feature) => {
                write!(f, "this program was built without {engine}: build it with the feature `{feature}`")
            }
            Kind::Ambiguous => f.write_str(
                "three slashes before the path of an SQLite file are relative to SQLAlchemy and absolute to sqlx: write \
                 sqlite:sessions.db for a path relative to the working directory, or sqlite:////var/lib/sessions.db for an \
                 absolute one",
            ),
            Kind::ForeignHost => f.write_str(
                "a file: URL with two slashes names a host, which can only be localhost: write file:sessions.db for a \
                 relative path, or file:///var/lib/sessions.db for an absolute one",
            ),
            Kind::ReadOnly => f.write_str("the URL says mode=ro, and a session store writes: use mode=rw or mode=rwc"),
            Kind::Mode => f.write_str("the URL's mode is none of rw, rwc, memory"),
            Kind::NoText => f.write_str("the path in the URL is not UTF-8 when its escapes are decoded"),
            Kind::Parameter(Some(name)) => {
                write!(f, "the URL's parameter `{name}` is not known; for SQLite there are `mode` and `cache`")
            }
            Kind::Parameter(None) => {
                f.write_str("one of the URL's parameters is not known; for SQLite there are `mode` and `cache`")
            }
        }
    }
}

impl std::error::Error for UrlError {}
