use crate::engine::Failure;
use crate::table::Table;

/// Whether a table's schema has the version that this program writes.
///
/// # Errors
///
/// It has another: that of a newer release of `program`.
pub fn check_schema(table: &Table, found: i64, known: i64, program: &str) -> Result<(), Failure> {
    if found == known {
        return Ok(());
    }
    Err(Failure::refused(format!(
        "the table {table} has schema version {found} and this program knows versions up to {known}; run the newer \
         release of {program} that wrote it, or give the store another table"
    )))
}
