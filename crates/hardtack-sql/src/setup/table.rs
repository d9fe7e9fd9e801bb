use std::fmt;

/// The table's quoted name, and the names derived from it.
#[derive(Debug, Clone)]
pub struct Table {
    /// The quoted name of the schema with the dot after it, or an empty string.
    schema: String,
    name: String,
    quote: char,
}

/// The maximum length of a name. Servers keep at least 63 bytes of a name, so this leaves room for suffixes.
const MAX_NAME_BYTES: usize = 48;

impl Table {
    /// Parses `table` or `schema.table`. Each part consists of letters, digits, and underscores, and does not start
    /// with a digit. `quote` is the character that quotes identifiers in the server's SQL.
    ///
    /// # Errors
    ///
    /// Fails if the name is malformed. The error describes a valid name.
    pub fn new(name: &str, quote: char) -> Result<Self, String> {
        let (schema, table) = match name.split_once('.') {
            Some((schema, table)) => (Some(schema), table),
            None => (None, name),
        };
        if !is_plain(table) || !schema.is_none_or(is_plain) {
            return Err(format!(
                "{name:?} is not a valid table name: use at most {MAX_NAME_BYTES} letters, digits, and \
                 underscores, optionally after a schema and a dot"
            ));
        }
        let schema = schema.map_or_else(String::new, |schema| format!("{quote}{schema}{quote}."));
        Ok(Self { schema, name: table.to_owned(), quote })
    }

    /// Returns the quoted name of the table that stores the schema version.
    #[must_use]
    pub fn version_table(&self) -> String {
        let Self { schema, name, quote } = self;
        format!("{schema}{quote}{name}_schema{quote}")
    }

    /// Returns the quoted name of the index whose suffix is `by`. The name contains no schema, because an index is
    /// always in the schema of its table.
    #[must_use]
    pub fn index(&self, by: &str) -> String {
        let Self { name, quote, .. } = self;
        format!("{quote}{name}_by_{by}{quote}")
    }

    /// Returns the number of the lock that is held while the schema is created: the FNV-1a hash of the name.
    #[must_use]
    pub fn lock_id(&self) -> i64 {
        let hash = format!("hardtack {self}").bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        hash.cast_signed()
    }
}

fn is_plain(name: &str) -> bool {
    name.len() <= MAX_NAME_BYTES
        && name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { schema, name, quote } = self;
        write!(f, "{schema}{quote}{name}{quote}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_quoted_with_its_schema() {
        assert_eq!(Table::new("session", '"').unwrap().to_string(), "\"session\"");
        let table = Table::new("App.session_2", '"').unwrap();
        assert_eq!(table.to_string(), "\"App\".\"session_2\"");
        assert_eq!(table.version_table(), "\"App\".\"session_2_schema\"");
        assert_eq!(table.index("owner"), "\"session_2_by_owner\"");
        assert_ne!(table.lock_id(), Table::new("session_2", '"').unwrap().lock_id());
    }

    #[test]
    fn a_name_that_could_be_sql_is_refused() {
        for name in ["", "a\"b", "a b", "a.b.c", ".a", "a.", "1a", "ä", &"x".repeat(49)] {
            assert!(Table::new(name, '`').is_err(), "{name}");
        }
    }
}
