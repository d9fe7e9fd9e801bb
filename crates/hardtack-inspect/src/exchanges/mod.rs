//! Exchanges: a request and its response, with the cookies in each direction.

mod exchange;
mod header_field;
mod request_cookie;
mod request_head;
mod response_head;
mod set_cookie_entry;
mod visitor_label;

pub use exchange::Exchange;
pub use header_field::HeaderField;
pub use request_cookie::{CookieVerdict, RequestCookie};
pub(crate) use request_head::RequestHead;
pub(crate) use response_head::{ResponseHead, name_and_value};
pub use set_cookie_entry::{Decision, SetCookieEntry};
pub use visitor_label::VisitorLabel;
