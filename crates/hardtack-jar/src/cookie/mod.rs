//! The cookies in a jar, and the indexes that find them.

mod cookie_list;
mod cookie_map;
mod cookie_record;
mod micros;
mod secure_index;
mod set_time;
mod stored_cookie;

pub(crate) use cookie_list::CookieList;
pub(crate) use cookie_map::{CookieMap, DomainCookies};
pub use cookie_record::CookieRecord;
pub(crate) use micros::Micros;
pub(crate) use stored_cookie::CookieLocation;
pub use stored_cookie::StoredCookie;
