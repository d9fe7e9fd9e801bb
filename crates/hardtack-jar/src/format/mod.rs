//! The forms in which jars are kept and exchanged.

#[cfg(feature = "json")]
mod browser_json;
#[cfg(feature = "json")]
mod devtools;
#[cfg(feature = "json")]
mod har;
mod kind;
mod netscape;
#[cfg(feature = "json")]
mod playwright;
mod transfer;
#[cfg(feature = "json")]
mod whole;

pub use kind::Format;
pub use transfer::{Exported, Imported, LeftOut, Reason};
