//! The output of commands: text with styles, JSON, tables, findings, and progress.

mod color;
pub(crate) mod findings;
mod output;
mod progress;
mod table;

pub(crate) use color::Color;
pub(crate) use output::{BAD, DIM, GOOD, HEAD, Output, OutputArgs, WARN, note, plain, print_usage, styled};
pub(crate) use progress::Progress;
pub(crate) use table::Table;
