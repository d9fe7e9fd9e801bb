//! What a cookie is, layer by layer, and whether a key believes it.

mod command;
mod form;
mod report;
mod subject;
mod tree;
mod verdict;

pub use command::Inspect;
