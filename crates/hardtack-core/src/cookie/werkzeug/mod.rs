//! Cookies in the form that Werkzeug, the library under Flask, reads and writes.
//!
//! To communicate with a Flask application, [`Cookies::werkzeug`](super::Cookies::werkzeug) and
//! [`SetCookie::werkzeug`](super::SetCookie::werkzeug) are sufficient. [`DumpCookie`] is for programs that must
//! reproduce `dump_cookie` byte for byte, including its bugs.

mod domain;
mod dump_cookie;
mod first;
mod parser;
mod quote;

pub(super) use domain::encode_domain;
pub use dump_cookie::{Argument, DumpCookie};
pub(super) use first::without_quotes;
pub(super) use parser::Encoding;
pub use parser::WerkzeugParser;
pub use quote::unquote;
pub(super) use quote::{quote_path, quote_value};
