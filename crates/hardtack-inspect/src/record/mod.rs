//! Code that builds an exchange from a request and its response, and updates the state.

mod layer_verdicts;
mod record_exchange;
mod record_request_cookies;
mod record_sessions;
mod record_set_cookies;

pub(crate) use record_exchange::record_exchange;

/// The maximum number of cookies that are listed for a request or a response.
const MAX_COOKIES_LISTED: usize = 60;
