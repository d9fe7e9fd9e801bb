//! Cookies in the files of browsers and tools.

mod command;
mod export;
mod format;
mod import;
mod reading;
mod show;

pub(crate) use command::JarCommand;
pub(crate) use reading::{read, tell};
