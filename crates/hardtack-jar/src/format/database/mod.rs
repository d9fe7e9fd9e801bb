//! Read-only support for browsers' cookie databases.

pub(super) mod chromium;
mod database;
pub(super) mod firefox;
mod read_file;

pub(super) use database::{Database, is_database};
pub use read_file::read_file;
