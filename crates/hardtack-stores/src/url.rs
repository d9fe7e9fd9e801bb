use std::fmt;
use std::path::Path;
use std::str::FromStr;

use crate::{Engine, UrlError};

/// Where sessions are to lie: a URL that was found well formed and whose engine is built in.
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
/// What it shows of itself, by `Display` or `Debug`, leaves the user and the password out.
#[derive(Clone, PartialEq, Eq)]
pub struct StoreUrl {
    engine: Engine,
    text: String,
}

impl StoreUrl {
    /// The memory of this process.
    #[must_use]
    pub fn memory() -> Self {
        Self { engine: Engine::Memory, text: "memory:".to_owned() }
    }

    /// A file of this machine.
    ///
    /// # Errors
    ///
    /// The path is empty or not UTF-8, or SQLite is not built in.
    pub fn sqlite(path: impl AsRef<Path>) -> Result<Self, UrlError> {
        path.as_ref().to_str().ok_or(UrlError::NO_PATH).and_then(|path| format!("sqlite:{path}").parse())
    }

    /// Which engine it names.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// The file of an SQLite store.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        (self.engine == Engine::Sqlite).then(|| Path::new(&self.text["sqlite:".len()..]))
    }

    /// All of it, with the password.
    #[cfg(any(feature = "mysql", feature = "postgres", feature = "redis"))]
    pub(crate) fn with_password(&self) -> &str {
        &self.text
    }
}

impl FromStr for StoreUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        let (scheme, rest) = text.split_once(':').unwrap_or((text, ""));
        let engine = match scheme {
            "memory" if rest.is_empty() => return Ok(Self::memory()),
            "sqlite" if rest.is_empty() => return Err(UrlError::NO_PATH),
            "sqlite" => Engine::Sqlite,
            "postgres" | "postgresql" => Engine::Postgres,
            "mysql" | "mariadb" => Engine::MySql,
            "redis" | "rediss" | "redis+unix" | "redis-sentinel" | "rediss-sentinel" | "redis-cluster"
            | "rediss-cluster" | "valkey" | "valkeys" | "valkey+unix" => Engine::Redis,
            _ => return Err(UrlError::UNKNOWN),
        };
        if engine != Engine::Sqlite && !rest.starts_with("//") {
            return Err(UrlError::UNKNOWN);
        }
        match missing_feature(engine) {
            // The two speak one language, and the store knows it by one name.
            None if scheme == "mariadb" => Ok(Self { engine, text: format!("mysql:{rest}") }),
            None => Ok(Self { engine, text: text.to_owned() }),
            Some(feature) => Err(UrlError::not_built(engine, feature)),
        }
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

/// Without the user and the password.
impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if matches!(self.engine, Engine::Memory | Engine::Sqlite) {
            return f.write_str(&self.text);
        }
        let (scheme, rest) = self.text.split_once("://").unwrap_or((&self.text, ""));
        // A password may hold anything but an @, and so may what follows it: all up to the last one is left out. What
        // is asked for after a question mark may be a password too.
        let shown = rest.rsplit_once('@').map_or(rest, |(_, shown)| shown);
        let shown = shown.split_once('?').map_or(shown, |(shown, _)| shown);
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
            #[cfg(feature = "mysql")]
            ("mariadb://one/db", Engine::MySql),
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
    fn a_mistake_is_answered_with_the_choices_and_not_repeated() {
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
