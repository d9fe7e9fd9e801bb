//! Shows a cookie layer by layer, and whether it verifies with a key.

mod cookie_format;
mod cookie_report;
mod inspect;
mod parse;
mod subject;
mod transcript;
mod tree;
mod verification;

pub(crate) use cookie_format::is_signed;
pub(crate) use inspect::Inspect;
pub(crate) use tree::{json as session_json, kind, lines as session_lines};
