//! The formats in which jars are stored and exchanged.

mod adjustment;
mod attribute;
#[cfg(feature = "sqlite")]
mod database;
mod detect;
mod host;
mod import;
#[cfg(feature = "json")]
mod json;
mod kind;
mod reading;
mod text;
mod transfer;

pub use adjustment::Adjustment;
pub use attribute::Attribute;
#[cfg(feature = "sqlite")]
pub use database::{ChromiumKey, read_file};
pub use import::Import;
pub use kind::Format;
pub use transfer::{Adjusted, Exported, Imported, LeftOut, Reason};
