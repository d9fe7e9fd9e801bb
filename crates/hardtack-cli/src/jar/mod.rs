//! Reads and writes the cookie files of browsers and tools.

mod browser_key;
mod command;
mod complaints;
mod domain;
mod export;
mod form;
mod format;
mod header;
mod import;
mod remove;
mod rest;
mod show;
mod source;
mod tally;
mod target;

pub(crate) use command::JarCommand;
pub(crate) use complaints::{Complaints, with_options};
pub(crate) use source::Source;
