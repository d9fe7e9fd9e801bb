//! Reading wire text into a type, in one pass.

pub(super) mod access;
pub(super) mod from_text;
pub(super) mod parser;
