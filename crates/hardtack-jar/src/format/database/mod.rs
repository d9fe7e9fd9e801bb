//! Read-only support for the cookie databases of browsers.

mod chromium;
mod chromium_key;
mod file;
mod firefox;
mod identity;
mod table;

pub(super) use chromium::read as read_chromium;
pub use chromium_key::ChromiumKey;
pub use file::read_file;
pub(super) use firefox::read as read_firefox;
pub(super) use identity::identify;
pub(super) use table::is_database;
