//! Which values are shown, and how much of them. Everything is redacted before it is stored.

mod cookie_redactor;
mod redact_url;
mod redaction;

pub(crate) use cookie_redactor::CookieRedactor;
pub(crate) use redact_url::{redact_location, redact_path, redact_query};
pub(crate) use redaction::{MAX_SECRET_CHARS, hex};
pub use redaction::{RedactedValue, Redaction};
