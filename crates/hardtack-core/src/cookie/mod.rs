//! Cookies on the server side. [`Cookies`] contains the cookies that the browser sent; [`SetCookie`] and
//! [`RemoveCookie`] are the headers that the server sends back.
//!
//! ```
//! use hardtack_core::cookie::{Cookies, RemoveCookie, SetCookie};
//!
//! # fn main() -> Result<(), hardtack_core::Error> {
//! let header = SetCookie::new("fav_color", "dark blue").to_header()?;
//! assert_eq!(header, "fav_color=dark%20blue; Path=/; SameSite=Lax");
//!
//! let cookies = Cookies::parse(["fav_color=dark%20blue; theme=plain"]);
//! assert_eq!(cookies.get("fav_color"), Some("dark blue"));
//!
//! let header = RemoveCookie::new("fav_color").to_header()?;
//! assert!(header.starts_with("fav_color=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0"));
//! # Ok(())
//! # }
//! ```
//!
//! # Scope
//!
//! This module reads `Cookie` headers and writes `Set-Cookie` headers. It does not implement the browser's side
//! (storage, matching, expiry), nor signatures, encryption, or sessions. Section numbers in the code refer to RFC
//! 6265bis.

mod attributes;
#[cfg(feature = "axum08")]
mod axum;
mod check;
mod cookies;
mod find;
mod limits;
mod pair;
mod percent;
mod prefix;
mod remove_cookie;
mod same_site;
mod set_cookie;
pub mod werkzeug;

#[doc(hidden)]
pub use crate::http_date::{days_from_civil, http_date};
pub use check::{MAX_ATTRIBUTE_SIZE, MAX_COOKIE_SIZE};
pub use cookies::Cookies;
pub use find::{find, find_in_field_values};
pub use limits::Limits;
#[doc(hidden)]
pub use pair::{has_control, trim};
pub use prefix::Prefix;
pub use remove_cookie::RemoveCookie;
pub use same_site::SameSite;
pub use set_cookie::SetCookie;
pub use werkzeug::WerkzeugParser;
