//! Parses `Set-Cookie` lines as browsers do, and defines the reasons to refuse a cookie.

mod cookie_date;
mod profile;
mod refusal;
mod set_cookie_line;

pub use cookie_date::cookie_date;
pub use profile::Profile;
pub use refusal::Refusal;
pub use set_cookie_line::SetCookieLine;
pub(crate) use set_cookie_line::{DomainAttribute, MAX_LIFETIME_SECONDS, read_max_age, split_at_equals};
