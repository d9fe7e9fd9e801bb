//! The formats in which jars are stored and exchanged.

mod adjustment;
mod attribute;
#[cfg(feature = "sqlite")]
mod chromium_key;
mod convert;
#[cfg(feature = "sqlite")]
mod database;
mod detect;
mod exported;
mod format;
mod import;
mod imported;
#[cfg(feature = "json")]
mod json;
mod left_out;
mod parsed_file;
mod text;
mod written_host;

pub use adjustment::Adjustment;
pub use attribute::Attribute;
#[cfg(feature = "sqlite")]
pub use chromium_key::ChromiumKey;
#[cfg(feature = "sqlite")]
pub use database::read_file;
pub use exported::Exported;
pub use format::Format;
pub use import::Import;
pub use imported::Imported;
pub use left_out::{Adjusted, LeftOut, Reason};
