//! The templates, and the source code that they show.

mod environment;
mod highlight;
mod source_code;

pub(crate) use environment::environment;
