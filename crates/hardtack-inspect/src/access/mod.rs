//! Access control for the inspector's pages: checks of the peer and of the token.

mod access_denied;
mod peer_policy;
mod token;

pub(crate) use access_denied::AccessDenied;
pub(crate) use peer_policy::{PeerPolicy, peer};
pub(crate) use token::{Token, TokenSource, cookie_name, without_token};
