//! The client side of HTTP cookies: a [`Jar`] that accepts, stores, and sends cookies according to RFC 6265bis, and a
//! test [`Browser`] with such a jar.
//!
//! ```
//! use std::time::SystemTime;
//! use hardtack_jar::{RequestContext, Jar, SiteContext};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let now = SystemTime::now();
//! let mut jar = Jar::new();
//! let bank = RequestContext::http("https://bank.example.com/account")?;
//! jar.set(&bank, "__Host-id=a3fWa; Secure; HttpOnly; Path=/; SameSite=Lax", now)?;
//!
//! // The bank's own page, and a link to it from another site.
//! assert_eq!(jar.header(&bank, now).as_deref(), Some(&b"__Host-id=a3fWa"[..]));
//! assert!(jar.header(&bank.clone().context(SiteContext::Navigation), now).is_some());
//! // A form that another site submits to the bank.
//! assert_eq!(jar.header(&bank.clone().context(SiteContext::UnsafeNavigation), now), None);
//!
//! // A cookie that every browser refuses, and why.
//! let refusal = jar.set(&bank, "__Host-x=1; Path=/", now).unwrap_err();
//! assert_eq!(refusal.to_string(), "its name begins with `__Host-`, which requires `Secure`, `Path=/`, and no `Domain`");
//! # Ok(())
//! # }
//! ```
//!
//! | task | API |
//! |---|---|
//! | store a client's cookies | [`Jar::set`], [`Jar::header`]; with features, [`Jar::take_headers`] and [`SharedJar`] |
//! | find or remove a cookie | [`Jar::get`], [`Jar::remove`], [`Jar::remove_domain`], [`Jar::retain`] |
//! | check whether a browser would accept a cookie | [`Jar::check`], [`Refusal`], [`Profile`] |
//! | find out what would make a cookie safer | [`Advisor`], [`Finding`] |
//! | store a jar in a file, or convert it | [`JarFile`], [`Format`], [`Jar::import`], [`Jar::export`] |
//! | test an application | [`Browser`], [`TestClock`] |
//! | apply one rule | [`SetCookieLine`], [`cookie_date`], [`domain_match`], [`path_match`], [`registrable_domain`] |
//!
//! The current time is always an argument. Only [`SharedJar`] and [`Browser`] use the system clock, unless you set
//! another one.
//!
//! # Scope
//!
//! The caller specifies how a request relates to other sites ([`SiteContext`]), because the jar has no information
//! about pages, frames, or redirects. [`Browser`] determines this relation for whole pages, but runs no scripts.
//!
//! The server side of cookies is in `hardtack_core::cookie`. Section numbers in the code refer to RFC 6265bis. The jar
//! also implements additions from the Web Platform Tests of 2026: the prefixes `__Http-` and `__Host-Http-`, and rules
//! for a `Domain` that is a single dot, and for a `Path` that is not ASCII.
//!
//! # Security
//!
//! Anyone who reads a jar or its file can use its owner's logins. Errors and `Debug` never contain values, the `Cookie`
//! header is marked as sensitive, and on Unix only the owner can read a [`JarFile`].
//!
//! Nothing that a server sends makes the jar panic, grow beyond its [`Limits`], or take more than linear time. With an
//! outdated public suffix list, a site may set cookies for its neighbors: keep the `psl` crate current, or give the jar
//! your own [`SuffixList`].
//!
//! # Features
//!
//! | feature | default | adds |
//! |---|---|---|
//! | `psl` | yes | the built-in public suffix list: [`Jar::new`], [`BuiltInSuffixes`] |
//! | `json` | yes | the JSON formats |
//! | `serde` | with `json` | serializing [`Jar`], [`CookieRecord`], and [`StoredCookie`]; deserializing the first two |
//! | `sqlite` | no | reading the databases of Firefox and Chromium: [`read_file`] |
//! | `http` | no | support for headers of the `http` crate: [`Jar::take_headers`], [`Jar::put_header`] |
//! | `reqwest012` | no | [`SharedJar`] for reqwest 0.12 |
//! | `reqwest013` | no | [`SharedJar`] for reqwest 0.13; with `browser`, also [`Browser::at`], which visits a server |
//! | `ureq3` | no | [`SharedJar`] for ureq 3 |
//! | `browser` | no | [`Browser`], which visits a tower service in this process |
//! | `axum08` | no | [`Browser::within`], which runs a handler behind the application's layer, to use its session |
#![forbid(unsafe_code)]

mod advisor;
#[cfg(feature = "browser")]
mod browser;
#[cfg(any(feature = "reqwest012", feature = "reqwest013", feature = "ureq3"))]
mod clients;
mod cookie;
mod error;
mod file;
mod format;
mod jar;
mod request;
mod set_cookie;

pub use advisor::{Advisor, Finding, Role, Rule, Severity};
#[cfg(feature = "axum08")]
pub use browser::HandlerService;
#[cfg(feature = "browser")]
pub use browser::{
    Browser, BrowserBody, BrowserForm, BrowserLink, BrowserPage, ReceivedCookie, Redirect, TestClock,
};
#[cfg(any(feature = "reqwest012", feature = "reqwest013", feature = "ureq3"))]
pub use clients::{JarEvent, SharedJar};
pub use cookie::{CookieRecord, StoredCookie};
pub use error::{Error, ErrorKind};
pub use file::JarFile;
pub use format::{Adjusted, Adjustment, Attribute, Exported, Format, Import, Imported, LeftOut, Reason};
#[cfg(feature = "sqlite")]
pub use format::{ChromiumKey, read_file};
pub use hardtack_core::cookie::{Prefix, SameSite};
pub use jar::{Jar, JarChange, Limits};
#[cfg(feature = "psl")]
pub use request::BuiltInSuffixes;
pub use request::{
    PartitionKey, RequestContext, RequestKind, Site, SiteContext, SuffixList, Transport, canonical_host,
    default_path, domain_match, path_match, registrable_domain,
};
pub use set_cookie::{Profile, Refusal, SetCookieLine, cookie_date};
