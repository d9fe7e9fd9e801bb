//! A headless Chromium for tests of what a real browser stores, sends, and shows.
//!
//! [`Chromium`] is a running browser. [`Context`] is a new profile in it, like a private window. [`Page`] is a tab,
//! which opens URLs, clicks, types, and reads content. [`Context::cookies`] returns the browser's own list of its
//! cookies, with all their attributes. No method sleeps: each step waits for the browser's events.
//!
//! ```no_run
//! use hardtack_chromium::{Chromium, Error};
//!
//! # async fn example() -> Result<(), Error> {
//! let chromium = Chromium::start().await?;
//! let context = chromium.context().await?;
//! let page = context.page().await?;
//! let answer = page.open("http://localhost:5000/set-cookie").await?;
//! assert_eq!(answer.status, 200);
//! assert_eq!(page.text("h1").await?, "Set a cookie");
//! let cookies = context.cookies().await?;
//! assert_eq!((cookies[0].name.as_str(), cookies[0].http_only), ("greeting", false));
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]

mod axe;
mod chromium;
mod connection;
mod context;
mod cookie;
mod error;
mod launch;
mod tab;

pub use axe::{Axe, Violation};
pub use chromium::Chromium;
pub use context::Context;
pub use cookie::{BrowserCookie, SameSite};
pub use error::Error;
pub use launch::Launch;
pub use tab::emulation::{Scripts, Theme, Viewport};
pub use tab::exchange::{Exchange, Exchanges, RefusedCookie, WithheldCookie};
pub use tab::input::Key;
pub use tab::page::Page;
pub use tab::response::Response;
pub use tab::screenshot::Screenshot;
