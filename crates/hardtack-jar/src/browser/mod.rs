//! A browser for tests.

mod browser;
mod browser_body;
mod browser_context;
mod form;
mod http_client;
mod outline;
mod page;
mod test_clock;
mod visit;
#[cfg(feature = "axum08")]
mod within;

pub use browser::Browser;
pub use browser_body::BrowserBody;
pub use form::Form;
pub use page::{Hop, Link, Page, Received};
pub use test_clock::TestClock;
#[cfg(feature = "axum08")]
pub use within::Within;
