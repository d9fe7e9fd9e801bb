//! The inspector, beside the pages and on its own.

mod live;
pub(crate) mod states;
