//! Reads and writes the cookie files of browsers and tools.

mod browser_key;
mod commands;
mod domain_filter;
mod format_name;
mod import_counts;
mod jar_command;
mod messages;
mod source;
mod target;
mod warnings;

pub(crate) use jar_command::JarCommand;
pub(crate) use source::Source;
pub(crate) use warnings::Warnings;
