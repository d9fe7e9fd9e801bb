//! A browser for tests.

mod browser;
mod browser_body;
mod browser_context;
mod browser_form;
mod browser_page;
#[cfg(feature = "axum08")]
mod handler_service;
mod http_client;
mod outline;
mod test_clock;
mod visit;

pub use browser::Browser;
pub use browser_body::BrowserBody;
pub use browser_form::BrowserForm;
pub use browser_page::{BrowserLink, BrowserPage, ReceivedCookie, Redirect};
#[cfg(feature = "axum08")]
pub use handler_service::HandlerService;
pub use test_clock::TestClock;
