//! Reads a table in an SQLite database that another program wrote, in any version of its schema.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, Row};

use crate::error::{Error, ErrorKind};
use crate::format::left_out::label;

/// The first bytes of every SQLite database.
const MAGIC: &[u8] = b"SQLite format 3\0";

/// The offsets of the write version and the read version in the header. Version 1 means a rollback journal, and version
/// 2 a write-ahead log.
const FORMAT_VERSIONS: [usize; 2] = [18, 19];

pub(in crate::format) fn is_database(text: &[u8]) -> bool {
    text.starts_with(MAGIC)
}

/// An in-memory database.
pub(in crate::format) struct Database(Connection);

impl Database {
    /// Opens a copy of a database, without its write-ahead log.
    pub(in crate::format) fn open(bytes: &[u8]) -> Result<Self, Error> {
        let mut copy = bytes.to_vec();
        // SQLite does not open an in-memory database whose header requires a write-ahead log.
        for at in FORMAT_VERSIONS {
            if let Some(version) = copy.get_mut(at) {
                *version = 1;
            }
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_MEMORY
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_in_memory_with_flags(flags).map_err(broken)?;
        let size = copy.len();
        connection.deserialize_read_exact("main", copy.as_slice(), size, true).map_err(broken)?;
        // Do not run functions from the schema of an untrusted database.
        connection
            .execute_batch("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;")
            .map_err(broken)?;
        Ok(Self(connection))
    }

    /// Opens a copy of a database, and checks that it has this table.
    pub(super) fn with(bytes: &[u8], table: &str) -> Result<Self, Error> {
        let database = Self::open(bytes)?;
        if database.has_table(table)? {
            return Ok(database);
        }
        Err(Error::new(
            ErrorKind::Format,
            format!("this SQLite database has no table `{table}`: it belongs to another program"),
        ))
    }

    pub(in crate::format) fn has_table(&self, name: &str) -> Result<bool, Error> {
        let found = self.0.query_row(
            "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?1",
            [name],
            |row| row.get::<_, i64>(0),
        );
        found.map(|count| count > 0).map_err(broken)
    }

    /// Runs a query and returns its result, which is a number such as the schema version. Returns `None` if the query
    /// fails or returns no number.
    pub(super) fn number(&self, query: &str) -> Option<i64> {
        // Chromium stores its version number as text.
        self.0
            .query_row(query, [], |row| match row.get_ref(0)? {
                ValueRef::Integer(number) => Ok(Some(number)),
                ValueRef::Text(text) => Ok(str::from_utf8(text).ok().and_then(|text| text.parse().ok())),
                _ => Ok(None),
            })
            .ok()
            .flatten()
    }

    /// Calls `read` with each row of the table, in the order of the row IDs. `columns` lists the columns to read, each
    /// with all names that it has had. A column that does not exist in this version is read as null.
    pub(super) fn rows(
        &self,
        table: &str,
        columns: &[&[&str]],
        mut read: impl FnMut(&Cells<'_>),
    ) -> Result<(), Error> {
        let mut existing = Vec::new();
        let mut info = self.0.prepare("SELECT name FROM pragma_table_info(?1)").map_err(broken)?;
        let names = info.query_map([table], |row| row.get::<_, String>(0)).map_err(broken)?;
        for name in names {
            existing.push(name.map_err(broken)?);
        }
        let selected: Vec<_> = columns
            .iter()
            .map(|names| {
                let name = names.iter().find(|name| existing.iter().any(|column| column == *name));
                name.map_or_else(|| "NULL".to_owned(), |name| format!("\"{name}\""))
            })
            .collect();
        let query = format!("SELECT {} FROM \"{table}\" ORDER BY rowid", selected.join(", "));
        let mut statement = self.0.prepare(&query).map_err(broken)?;
        let mut rows = statement.query([]).map_err(broken)?;
        while let Some(row) = rows.next().map_err(broken)? {
            read(&Cells(row));
        }
        Ok(())
    }
}

/// One row. Its cells are numbered like the requested columns.
pub(super) struct Cells<'a>(&'a Row<'a>);

impl Cells<'_> {
    /// Returns the number in a column, or `None` if the column does not contain one.
    pub(super) fn number(&self, column: usize) -> Option<i64> {
        match self.0.get_ref(column) {
            Ok(ValueRef::Integer(number)) => Some(number),
            _ => None,
        }
    }

    /// Returns whether the column contains a nonzero number.
    pub(super) fn is_set(&self, column: usize) -> bool {
        self.number(column).is_some_and(|number| number != 0)
    }

    /// Returns the text or bytes in a column, or an empty slice if the column contains neither.
    pub(super) fn bytes(&self, column: usize) -> &[u8] {
        match self.0.get_ref(column) {
            Ok(ValueRef::Text(bytes) | ValueRef::Blob(bytes)) => bytes,
            _ => b"",
        }
    }

    /// Returns the name and the domain of the row's cookie, for messages.
    pub(super) fn label(&self, name: usize, host: usize) -> Option<Box<str>> {
        let host = self.text(host).unwrap_or_default();
        Some(label(self.bytes(name), host.strip_prefix('.').unwrap_or(host)))
    }

    /// Returns the text in a column, or an empty string if the column does not contain any. Fails if the text is not
    /// UTF-8.
    pub(super) fn text(&self, column: usize) -> Result<&str, &'static str> {
        str::from_utf8(self.bytes(column)).map_err(|_| "a text in its row is not UTF-8")
    }
}

fn broken(error: rusqlite::Error) -> Error {
    let message = "this is an SQLite database that cannot be read: close the browser that uses it, and copy the file again";
    Error::new(ErrorKind::Format, message).with_source(error)
}
