//! The panel on each page that shows the headers of the page's request and response.

mod exchange;
mod header_panel;

pub(crate) use header_panel::{HeaderPanel, show_headers};
