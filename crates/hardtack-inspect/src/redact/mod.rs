//! Redaction: which values are shown, and how much of each value. All values are redacted before they are stored.

mod cookie_redactor;
mod redact_url;
mod redaction;

pub(crate) use cookie_redactor::CookieRedactor;
pub(crate) use redact_url::{redact_location, redact_path, redact_query};
pub(crate) use redaction::{MAX_SECRET_CHARS, hex};
pub use redaction::{RedactedValue, Redaction};
