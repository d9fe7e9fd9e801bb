//! Tests of the inspector, both in the panel beside a page and on its own pages.

mod live;
pub(crate) mod states;
