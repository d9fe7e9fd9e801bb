//! Reading wire text as Python does, for text that Flask reads but never writes.

pub(super) mod date_parse;
pub(super) mod python;
