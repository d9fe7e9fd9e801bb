//! The browser's half of HTTP cookies: a jar that takes, keeps and sends cookies as RFC 6265bis says.
#![forbid(unsafe_code)]

mod access;
#[cfg(feature = "browser")]
mod browser;
mod date;
mod decision;
mod domain;
mod error;
mod eviction;
mod file;
mod format;
#[cfg(feature = "http")]
mod http;
mod jar;
mod limits;
mod micros;
mod path;
mod profile;
mod record;
mod refusal;
mod retrieval;
mod set_cookie_line;
#[cfg(feature = "reqwest013")]
mod shared_jar;
mod shelf;
mod site;
mod stored_cookie;
mod suffix;

pub use access::{Access, Transport};
#[cfg(feature = "axum08")]
pub use browser::Within;
#[cfg(feature = "browser")]
pub use browser::{Browser, BrowserBody, Form, Hop, Link, Page, Received, TestClock};
pub use date::cookie_date;
pub use domain::{canonical_host, domain_match};
pub use error::{Error, ErrorKind};
pub use file::JarFile;
pub use format::{Exported, Format, Imported, LeftOut, Reason};
pub use hardtack_core::cookie::{Prefix, SameSite};
pub use jar::{Change, Jar};
pub use limits::Limits;
pub use path::{default_path, path_match};
pub use profile::Profile;
pub use record::CookieRecord;
pub use refusal::Refusal;
pub use set_cookie_line::SetCookieLine;
#[cfg(feature = "reqwest013")]
pub use shared_jar::SharedJar;
pub use site::{PartitionKey, RequestKind, Site, SiteContext};
pub use stored_cookie::StoredCookie;
#[cfg(feature = "psl")]
pub use suffix::BuiltInSuffixes;
pub use suffix::{SuffixList, registrable_domain};
