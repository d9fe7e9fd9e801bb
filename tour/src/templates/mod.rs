//! The templates, and the source code that they show.

mod environment;
mod lines;
mod paint;

pub(crate) use environment::environment;
