//! Shows a cookie layer by layer, and whether it verifies with a key.

mod command;
mod form;
mod report;
mod subject;
mod transcript;
mod tree;
mod verdict;

pub(crate) use command::Inspect;
pub(crate) use form::is_signed;
pub(crate) use tree::{json as session_json, kind, lines as session_lines};
