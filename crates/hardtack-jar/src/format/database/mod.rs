//! Read-only support for the cookie databases of browsers.

pub(super) mod chromium;
mod database;
pub(super) mod firefox;
mod read_file;

pub(super) use database::{Database, is_database};
pub use read_file::read_file;
