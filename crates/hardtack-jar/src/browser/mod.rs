//! A browser for tests.

mod body;
mod clock;
mod form;
mod html;
mod page;
mod transport;
mod user;
mod visit;
mod window;
#[cfg(feature = "axum08")]
mod within;

pub use body::BrowserBody;
pub use clock::TestClock;
pub use form::Form;
pub use page::{Hop, Link, Page, Received};
pub use window::Browser;
#[cfg(feature = "axum08")]
pub use within::Within;
