//! The headers that were sent for a page, shown on that page.

mod exchange;
mod panel;

pub(crate) use panel::{Wire, shown};
