use std::fmt;
use std::path::{Path, PathBuf};

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use crate::UrlError;

/// The location of an SQLite store.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum SqliteLocation {
    /// An in-memory database.
    Memory,
    /// A file.
    File {
        path: PathBuf,
        /// Whether the file must already exist.
        must_exist: bool,
    },
}

/// The schemes with a driver's name after a plus sign, in which slashes have SQLAlchemy's meaning.
const SQLALCHEMY: [&str; 2] = ["sqlite+pysqlite", "sqlite+aiosqlite"];

/// The characters of a path that have a special meaning in a URL and must be escaped.
const ESCAPED: &AsciiSet = &CONTROLS.add(b'%').add(b'?');

impl SqliteLocation {
    /// Checks whether a scheme is one of SQLite's.
    pub(crate) fn is_scheme(scheme: &str) -> bool {
        matches!(scheme, "sqlite" | "sqlite3" | "file") || SQLALCHEMY.contains(&scheme)
    }

    /// Returns the location of the file at a path, which is used unchanged.
    pub(crate) fn file(path: &Path) -> Result<Self, UrlError> {
        if path.as_os_str().is_empty() {
            return Err(UrlError::NO_PATH);
        }
        Ok(Self::File { path: path.to_owned(), must_exist: false })
    }

    /// Parses the part of a URL after the scheme and the colon.
    pub(crate) fn parse(scheme: &str, rest: &str) -> Result<Self, UrlError> {
        let (location, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mode = OpenMode::of(query)?;
        if location.trim_start_matches('/') == ":memory:" || mode == OpenMode::Memory {
            return Ok(Self::Memory);
        }
        let path = match scheme {
            "file" => file_path(location)?,
            _ if SQLALCHEMY.contains(&scheme) => location.strip_prefix("///").ok_or(UrlError::NO_PATH)?,
            _ => sqlite_path(location)?,
        };
        let path = percent_decode_str(path).decode_utf8().map_err(|_| UrlError::NOT_UTF8)?;
        match path.trim_start_matches('/') {
            "" => Err(UrlError::NO_PATH),
            _ => Ok(Self::File { path: PathBuf::from(&*path), must_exist: mode == OpenMode::Existing }),
        }
    }

    pub(crate) fn path(&self) -> Option<&Path> {
        match self {
            Self::Memory => None,
            Self::File { path, .. } => Some(path),
        }
    }
}

/// Returns the path in `sqlite:…`. Three slashes mean a relative path in SQLAlchemy and Django, and an absolute one in
/// sqlx and Rails. Unless a Windows drive follows, three slashes are an error, because the wrong meaning would silently
/// create an empty store in another directory.
fn sqlite_path(location: &str) -> Result<&str, UrlError> {
    let path = location.trim_start_matches('/');
    match location.len() - path.len() {
        0 | 2 => Ok(path),
        1 => Ok(location),
        3 if has_drive(path) => Ok(path),
        3 if path.is_empty() => Err(UrlError::NO_PATH),
        3 => Err(UrlError::AMBIGUOUS),
        slashes => Ok(&location[slashes - 1..]),
    }
}

/// Checks whether a path starts with a Windows drive, which makes it absolute in every tool.
fn has_drive(path: &str) -> bool {
    matches!(path.as_bytes(), [letter, b':', b'/' | b'\\', ..] if letter.is_ascii_alphabetic())
}

/// Returns the path in `file:…`, as defined by RFC 8089 and SQLite.
fn file_path(location: &str) -> Result<&str, UrlError> {
    let Some(after) = location.strip_prefix("//") else { return Ok(location) };
    match after.strip_prefix("localhost").unwrap_or(after) {
        path if path.starts_with('/') => Ok(path),
        _ => Err(UrlError::REMOTE_HOST),
    }
}

/// The way in which the database is opened.
#[derive(Clone, Copy, PartialEq, Eq)]
enum OpenMode {
    /// The file is created if it does not exist.
    Create,
    /// The file must exist.
    Existing,
    /// There is no file.
    Memory,
}

impl OpenMode {
    fn of(query: &str) -> Result<Self, UrlError> {
        let mut mode = Self::Create;
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            mode = match (name, value) {
                ("mode", "rwc") => Self::Create,
                ("mode", "rw") => Self::Existing,
                ("mode", "memory") => Self::Memory,
                ("mode", "ro") => return Err(UrlError::READ_ONLY),
                ("mode", _) => return Err(UrlError::MODE),
                // The parameter has no effect, because the store has only one connection to a database in memory.
                ("cache", "private" | "shared") => mode,
                _ => return Err(UrlError::parameter(name)),
            };
        }
        Ok(mode)
    }
}

impl fmt::Display for SqliteLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::File { path, must_exist } = self else { return f.write_str("sqlite::memory:") };
        let path = path.to_string_lossy();
        // Several leading slashes are reduced to one, because the URL would otherwise be parsed differently.
        let path = match path.strip_prefix("//") {
            Some(path) => format!("/{}", path.trim_start_matches('/')),
            None => path.into_owned(),
        };
        write!(f, "sqlite:{}", utf8_percent_encode(&path, ESCAPED))?;
        if *must_exist { f.write_str("?mode=rw") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<SqliteLocation, UrlError> {
        let (scheme, rest) = url.split_once(':').unwrap();
        assert!(SqliteLocation::is_scheme(scheme), "{url}");
        SqliteLocation::parse(scheme, rest)
    }

    #[test]
    fn the_urls_of_other_tools_are_understood() {
        for (url, path) in [
            ("sqlite:x.db", "x.db"),
            ("sqlite:data/x.db", "data/x.db"),
            ("sqlite:a:b.db", "a:b.db"),
            ("sqlite:/var/x.db", "/var/x.db"),
            ("sqlite://x.db", "x.db"),
            ("sqlite://data/x.db", "data/x.db"),
            ("sqlite:////var/x.db", "/var/x.db"),
            ("sqlite:///C:/x.db", "C:/x.db"),
            ("sqlite:x.db?mode=rwc", "x.db"),
            ("sqlite:x.db?mode=rwc&cache=private", "x.db"),
            ("sqlite:with%20space%3f.db", "with space?.db"),
            ("sqlite3:db/production.sqlite3", "db/production.sqlite3"),
            ("sqlite+pysqlite:///x.db", "x.db"),
            ("sqlite+aiosqlite:////var/x.db", "/var/x.db"),
            ("file:x.db", "x.db"),
            ("file:/var/x.db", "/var/x.db"),
            ("file:///var/x.db?mode=rwc", "/var/x.db"),
            ("file://localhost/var/x.db", "/var/x.db"),
        ] {
            let location = parse(url).unwrap();
            assert_eq!(location.path(), Some(Path::new(path)), "{url}");
            assert_eq!(parse(&location.to_string()).unwrap().path(), location.path(), "{url}: {location}");
        }
        assert_eq!(parse("sqlite:x.db?mode=rw").unwrap().to_string(), "sqlite:x.db?mode=rw");
    }

    #[test]
    fn memory_has_no_file() {
        for url in [
            "sqlite::memory:",
            "sqlite://:memory:",
            "sqlite:///:memory:",
            "sqlite+pysqlite:///:memory:",
            "sqlite:sessions?mode=memory&cache=shared",
            "file::memory:?cache=shared",
            "file:sessions?mode=memory",
        ] {
            let location = parse(url).unwrap();
            assert_eq!((location.path(), location.to_string().as_str()), (None, "sqlite::memory:"), "{url}");
        }
    }

    #[test]
    fn other_urls_are_refused() {
        for (url, error) in [
            ("sqlite:", UrlError::NO_PATH),
            ("sqlite://", UrlError::NO_PATH),
            ("sqlite:/", UrlError::NO_PATH),
            ("sqlite:///", UrlError::NO_PATH),
            ("sqlite:?mode=rwc", UrlError::NO_PATH),
            ("sqlite+pysqlite://x.db", UrlError::NO_PATH),
            ("file:", UrlError::NO_PATH),
            ("sqlite:///x.db", UrlError::AMBIGUOUS),
            ("sqlite3:///var/x.db", UrlError::AMBIGUOUS),
            ("sqlite:///x.db?mode=rwc", UrlError::AMBIGUOUS),
            ("file://x.db", UrlError::REMOTE_HOST),
            ("file://server/share/x.db", UrlError::REMOTE_HOST),
            ("sqlite:x.db?mode=ro", UrlError::READ_ONLY),
            ("sqlite:x.db?mode=wr", UrlError::MODE),
            ("sqlite:x.db?timeout=5", UrlError::parameter("timeout")),
            ("sqlite:%ff.db", UrlError::NOT_UTF8),
        ] {
            assert_eq!(parse(url).err(), Some(error), "{url}");
        }
    }

    #[test]
    fn a_sentence_names_both_readings_of_three_slashes() {
        let said = parse("sqlite:///x.db").err().unwrap().to_string();
        for words in ["SQLAlchemy", "sqlx", "sqlite:", "sqlite:////"] {
            assert!(said.contains(words), "{said}");
        }
    }
}
