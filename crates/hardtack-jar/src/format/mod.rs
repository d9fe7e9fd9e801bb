//! The forms in which jars are kept and exchanged.

mod adjustment;
#[cfg(feature = "json")]
mod browser_json;
#[cfg(feature = "sqlite")]
mod database;
#[cfg(feature = "json")]
mod devtools;
#[cfg(feature = "json")]
mod har;
mod import;
mod kind;
mod netscape;
#[cfg(feature = "json")]
mod playwright;
mod reading;
mod transfer;
#[cfg(feature = "json")]
mod whole;

pub use adjustment::Adjustment;
#[cfg(feature = "sqlite")]
pub use database::{ChromiumKey, read_file};
pub use import::Import;
pub use kind::Format;
pub use transfer::{Adjusted, Exported, Imported, LeftOut, Reason};
