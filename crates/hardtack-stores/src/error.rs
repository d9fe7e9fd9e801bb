use std::fmt;

use crate::Engine;

/// Why a text is not the URL of a store. It never repeats the text, which may hold a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UrlError(Kind);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Unknown,
    NoPath,
    NotBuilt(Engine, &'static str),
}

impl UrlError {
    pub(crate) const UNKNOWN: Self = Self(Kind::Unknown);
    pub(crate) const NO_PATH: Self = Self(Kind::NoPath);

    pub(crate) fn not_built(engine: Engine, feature: &'static str) -> Self {
        Self(Kind::NotBuilt(engine, feature))
    }
}

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Kind::Unknown => f.write_str(
                "there is no such store: say memory:, sqlite:PATH, postgres://…, mysql://…, redis://…, redis-sentinel://… or \
                 redis-cluster://…",
            ),
            Kind::NoPath => f.write_str("an SQLite store needs the path of its file, as in sqlite:sessions.db"),
            Kind::NotBuilt(engine, feature) => {
                write!(f, "this program was built without {engine}: build it with the feature `{feature}`")
            }
        }
    }
}

impl std::error::Error for UrlError {}
