use std::fmt;

use crate::Engine;

/// The error for an invalid store URL. It never repeats the URL, which may contain a password, except for the name of
/// an unknown parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UrlError(UrlErrorKind);

#[derive(Debug, Clone, PartialEq, Eq)]
enum UrlErrorKind {
    Unknown,
    NoPath,
    NotBuilt(Engine, &'static str),
    Ambiguous,
    RemoteHost,
    ReadOnly,
    Mode,
    NotUtf8,
    Parameter(Option<Box<str>>),
}

/// The maximum length of a parameter name that the error repeats. Longer text is probably not a name, and may be
/// secret.
const MAX_NAME_BYTES: usize = 40;

impl UrlError {
    pub(crate) const UNKNOWN: Self = Self(UrlErrorKind::Unknown);
    pub(crate) const NO_PATH: Self = Self(UrlErrorKind::NoPath);
    pub(crate) const AMBIGUOUS: Self = Self(UrlErrorKind::Ambiguous);
    pub(crate) const REMOTE_HOST: Self = Self(UrlErrorKind::RemoteHost);
    pub(crate) const READ_ONLY: Self = Self(UrlErrorKind::ReadOnly);
    pub(crate) const MODE: Self = Self(UrlErrorKind::Mode);
    pub(crate) const NOT_UTF8: Self = Self(UrlErrorKind::NotUtf8);

    pub(crate) fn not_built(engine: Engine, feature: &'static str) -> Self {
        Self(UrlErrorKind::NotBuilt(engine, feature))
    }

    /// Returns the error for an unknown parameter, with its name if it looks like one.
    pub(crate) fn parameter(name: &str) -> Self {
        let is_name = name.len() <= MAX_NAME_BYTES
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        Self(UrlErrorKind::Parameter(is_name.then(|| name.into())))
    }
}

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            UrlErrorKind::Unknown => f.write_str(
                "the URL's scheme is unknown: use memory:, sqlite:PATH, postgres://…, mysql://…, redis://…, \
                 redis-sentinel://…, or redis-cluster://…",
            ),
            UrlErrorKind::NoPath => f.write_str(
                "an SQLite store needs the path of its file: write sqlite:sessions.db, or, for a store in memory, \
                 sqlite::memory: or memory:",
            ),
            UrlErrorKind::NotBuilt(engine, feature) => {
                write!(f, "this program was built without {engine}: enable the feature `{feature}`")
            }
            UrlErrorKind::Ambiguous => f.write_str(
                "three slashes before the path of an SQLite file mean a relative path to SQLAlchemy and an \
                 absolute path to sqlx: write sqlite:sessions.db for a path relative to the working directory, or \
                 sqlite:////var/lib/sessions.db for an absolute path",
            ),
            UrlErrorKind::RemoteHost => f.write_str(
                "a file: URL with two slashes names a host, which can only be localhost: write file:sessions.db \
                 for a relative path, or file:///var/lib/sessions.db for an absolute path",
            ),
            UrlErrorKind::ReadOnly => f.write_str(
                "the URL has mode=ro, but a session store needs write access: use mode=rw or mode=rwc",
            ),
            UrlErrorKind::Mode => f.write_str("the URL's mode is unknown: use one of rw, rwc, memory"),
            UrlErrorKind::NotUtf8 => f.write_str("the path in the URL is not UTF-8 after percent-decoding"),
            UrlErrorKind::Parameter(Some(name)) => {
                write!(f, "the URL's parameter `{name}` is unknown: SQLite supports `mode` and `cache`")
            }
            UrlErrorKind::Parameter(None) => {
                f.write_str("one of the URL's parameters is unknown: SQLite supports `mode` and `cache`")
            }
        }
    }
}

impl std::error::Error for UrlError {}
