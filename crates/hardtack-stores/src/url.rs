use std::fmt;
use std::path::Path;
use std::str::FromStr;

use crate::sqlite_location::SqliteLocation;
use crate::{Engine, UrlError};

/// The location of a session store: a well-formed URL whose engine is built in.
///
/// ```
/// use hardtack_stores::{Engine, StoreUrl};
///
/// let url: StoreUrl = "sqlite:sessions.db".parse()?;
/// assert_eq!(url.engine(), Engine::Sqlite);
/// assert_eq!(url.to_string(), "sqlite:sessions.db");
/// # Ok::<(), hardtack_stores::UrlError>(())
/// ```
///
/// # Security
///
/// `Display` and `Debug` omit the user and the password.
#[derive(Clone, PartialEq, Eq)]
pub struct StoreUrl {
    location: Location,
}

#[derive(Clone, PartialEq, Eq)]
enum Location {
    Memory,
    Sqlite(SqliteLocation),
    /// The engine, and the URL in the form that its store parses.
    Server(Engine, String),
}

impl StoreUrl {
    /// Returns the URL of a store in the memory of this process.
    #[must_use]
    pub fn memory() -> Self {
        Self { location: Location::Memory }
    }

    /// Returns the URL of an SQLite file on this machine. The path is not decoded or otherwise changed.
    ///
    /// # Errors
    ///
    /// Fails if the path is empty or SQLite is not built in.
    pub fn sqlite(path: impl AsRef<Path>) -> Result<Self, UrlError> {
        let location = SqliteLocation::file(path.as_ref())?;
        Self::built_in(Engine::Sqlite).map(|()| Self { location: Location::Sqlite(location) })
    }

    /// Returns the engine that the URL names.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match &self.location {
            Location::Memory => Engine::Memory,
            Location::Sqlite(_) => Engine::Sqlite,
            Location::Server(engine, _) => *engine,
        }
    }

    /// Returns the path of an SQLite store's file, or `None` if the database is in memory or the URL names another
    /// engine.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match &self.location {
            Location::Sqlite(location) => location.path(),
            Location::Memory | Location::Server(..) => None,
        }
    }

    /// Returns the location of an SQLite store.
    #[cfg(feature = "sqlite")]
    pub(crate) fn sqlite_location(&self) -> Option<&SqliteLocation> {
        match &self.location {
            Location::Sqlite(location) => Some(location),
            Location::Memory | Location::Server(..) => None,
        }
    }

    /// Returns the complete URL of a server, including the password.
    #[cfg(any(feature = "mysql", feature = "postgres", feature = "redis"))]
    pub(crate) fn with_password(&self) -> &str {
        match &self.location {
            Location::Server(_, text) => text,
            Location::Memory | Location::Sqlite(_) => "",
        }
    }

    fn built_in(engine: Engine) -> Result<(), UrlError> {
        missing_feature(engine).map_or(Ok(()), |feature| Err(UrlError::not_built(engine, feature)))
    }
}

impl FromStr for StoreUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        let (scheme, rest) = text.split_once(':').unwrap_or((text, ""));
        if scheme == "memory" && rest.is_empty() {
            return Ok(Self::memory());
        }
        if SqliteLocation::is_scheme(scheme) {
            Self::built_in(Engine::Sqlite)?;
            return Ok(Self { location: Location::Sqlite(SqliteLocation::parse(scheme, rest)?) });
        }
        // In SQLAlchemy's URLs, a plus sign and the name of a driver follow the engine. The driver does not matter
        // here. The other variants are from Rails.
        let (engine, scheme) = match scheme {
            "postgres"
            | "postgresql"
            | "postgresql+psycopg"
            | "postgresql+psycopg2"
            | "postgresql+asyncpg"
            | "postgresql+pg8000" => (Engine::Postgres, "postgres"),
            // Both servers use the same protocol, and the store accepts only one scheme for it.
            "mysql"
            | "mariadb"
            | "mysql+pymysql"
            | "mariadb+pymysql"
            | "mysql+mysqldb"
            | "mariadb+mysqldb"
            | "mysql+aiomysql"
            | "mysql+asyncmy"
            | "mysql+mysqlconnector"
            | "mariadb+mariadbconnector"
            | "mysql2"
            | "trilogy" => (Engine::MySql, "mysql"),
            "redis" | "rediss" | "redis+unix" | "redis-sentinel" | "rediss-sentinel" | "redis-cluster"
            | "rediss-cluster" | "valkey" | "valkeys" | "valkey+unix" => (Engine::Redis, scheme),
            _ => return Err(UrlError::UNKNOWN),
        };
        if !rest.starts_with("//") {
            return Err(UrlError::UNKNOWN);
        }
        Self::built_in(engine)?;
        Ok(Self { location: Location::Server(engine, format!("{scheme}:{rest}")) })
    }
}

fn missing_feature(engine: Engine) -> Option<&'static str> {
    match engine {
        Engine::Sqlite if !cfg!(feature = "sqlite") => Some("sqlite"),
        Engine::Postgres if !cfg!(feature = "postgres") => Some("postgres"),
        Engine::MySql if !cfg!(feature = "mysql") => Some("mysql"),
        Engine::Redis if !cfg!(feature = "redis") => Some("redis"),
        _ => None,
    }
}

/// Omits the user and the password.
impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match &self.location {
            Location::Memory => return f.write_str("memory:"),
            Location::Sqlite(location) => return location.fmt(f),
            Location::Server(_, text) => text,
        };
        let (scheme, rest) = text.split_once("://").unwrap_or((text, ""));
        // Everything up to the last @ is omitted, because an earlier @ may belong to the password. The query is also
        // omitted, because a parameter may be a password.
        let shown = match (rest.find('?'), rest.rfind('@')) {
            // If an @ follows the question mark, either may belong to the password, so nothing is shown.
            (Some(question), Some(at)) if question < at => "",
            (question, at) => &rest[at.map_or(0, |at| at + 1)..question.unwrap_or(rest.len())],
        };
        write!(f, "{scheme}://{shown}")
    }
}

impl fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StoreUrl").field(&format_args!("{self}")).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_part_of_a_password_is_shown_wherever_its_at_sign_is() {
        for text in [
            "redis://ann:sec?r@et@one:7000",
            "redis://one:7000?password=sec@ret",
            "redis://ann:a@b@one:7000?password=sec@ret",
        ] {
            if let Ok(url) = text.parse::<StoreUrl>() {
                let shown = format!("{url} {url:?}");
                assert!(
                    !shown.contains("ret") && !shown.contains("et@") && !shown.contains("sec"),
                    "{shown}"
                );
            }
        }
    }

    #[test]
    fn every_form_names_its_engine() {
        for (text, engine) in [
            ("memory", Engine::Memory),
            ("memory:", Engine::Memory),
            #[cfg(feature = "sqlite")]
            ("sqlite:a:b.db", Engine::Sqlite),
            #[cfg(feature = "postgres")]
            ("postgres://one/db", Engine::Postgres),
            #[cfg(feature = "postgres")]
            ("postgresql://one", Engine::Postgres),
            #[cfg(feature = "mysql")]
            ("mysql://one/db", Engine::MySql),
            #[cfg(feature = "postgres")]
            ("postgresql+psycopg://ada@one/db", Engine::Postgres),
            #[cfg(feature = "mysql")]
            ("mariadb://one/db", Engine::MySql),
            #[cfg(feature = "mysql")]
            ("mysql+pymysql://one/db", Engine::MySql),
            #[cfg(feature = "mysql")]
            ("mysql2://one/db", Engine::MySql),
            #[cfg(feature = "redis")]
            ("rediss://:p@one/0", Engine::Redis),
            #[cfg(feature = "redis")]
            ("redis://one:7000/3", Engine::Redis),
            #[cfg(feature = "redis")]
            ("rediss-cluster://one,two", Engine::Redis),
            #[cfg(feature = "redis")]
            ("redis-sentinel://one,two/mine", Engine::Redis),
        ] {
            assert_eq!(text.parse::<StoreUrl>().map(|url| url.engine()), Ok(engine), "{text}");
        }
    }

    #[test]
    fn an_error_lists_the_choices_and_omits_the_text() {
        for text in ["", "memory:secret", "http://:secret@one", "postgres:secret", "redis", "sqlite-secret"] {
            let error = text.parse::<StoreUrl>().unwrap_err();
            assert!(error.to_string().contains("redis-cluster://"), "{error}");
            assert!(!format!("{error:?} {error}").contains("secret"));
        }
        assert_eq!("sqlite:".parse::<StoreUrl>(), Err(UrlError::NO_PATH));
    }

    #[cfg(feature = "sqlite")]
    #[test]
    fn a_file_has_a_path() {
        let url = StoreUrl::sqlite("data/tour.db").unwrap();
        assert_eq!(url.path(), Some(Path::new("data/tour.db")));
        assert_eq!(StoreUrl::memory().path(), None);
        assert_eq!(StoreUrl::sqlite(""), Err(UrlError::NO_PATH));
        let odd = StoreUrl::sqlite("100%?.db").unwrap();
        assert_eq!(odd.path(), Some(Path::new("100%?.db")), "a path is no URL");
        assert_eq!(odd.to_string().parse(), Ok(odd));
    }

    #[cfg(feature = "redis")]
    #[test]
    fn no_password_is_shown() {
        for (text, shown) in [
            ("redis://one/3", "redis://one/3"),
            ("redis://ada:secret@one/3", "redis://one/3"),
            ("redis-cluster://:sec@ret@one,two?password=secret", "redis-cluster://one,two"),
        ] {
            let url: StoreUrl = text.parse().unwrap();
            assert_eq!(url.to_string(), shown);
            assert_eq!(format!("{url:?}"), format!("StoreUrl({shown})"));
        }
    }
}
