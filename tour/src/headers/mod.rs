//! The headers that were sent for a page, shown on that page.

mod exchange;
mod header_panel;

pub(crate) use header_panel::{HeaderPanel, show_headers};
