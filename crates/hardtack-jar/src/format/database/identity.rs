use super::table::Database;
use super::{chromium, firefox};
use crate::error::{Error, ErrorKind};
use crate::format::kind::Format;

/// Determines from its tables which browser wrote a database.
pub(in crate::format) fn identify(text: &[u8]) -> Result<Format, Error> {
    let database = Database::open(text)?;
    if database.has_table(firefox::TABLE)? {
        return Ok(Format::Firefox);
    }
    if database.has_table(chromium::TABLE)? {
        return Ok(Format::Chromium);
    }
    Err(Error::new(
        ErrorKind::Format,
        "this is a SQLite database of another program: a browser keeps its cookies in `cookies.sqlite` or `Cookies`",
    ))
}
