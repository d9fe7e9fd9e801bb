use crate::failure::Failure;
use crate::setup::table::Table;

/// Checks that `found`, the schema version of a table, is `known`, the version that this program writes.
///
/// # Errors
///
/// Fails if the versions differ: the table was created by an older or a newer release of `program`.
pub fn check_schema(table: &Table, found: i64, known: i64, program: &str) -> Result<(), Failure> {
    let versions = table.version_table();
    Err(Failure::refused(match found {
        found if found == known => return Ok(()),
        found if found < known => format!(
            "the table {table} has schema version {found}, and this program needs version {known}; its sessions \
             cannot be migrated, because their keys are not bound to a purpose: drop the tables {table} and \
             {versions}, or give the store another table; all users must log in again"
        ),
        _ => format!(
            "the table {table} has schema version {found}, and this program supports versions up to {known}: run \
             the newer release of {program} that wrote it, or give the store another table"
        ),
    }))
}
