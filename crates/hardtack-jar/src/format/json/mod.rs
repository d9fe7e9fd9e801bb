//! The JSON formats.

mod cookie;
mod members;
mod time;

pub(super) mod cookie_editor;
pub(super) mod cookie_store;
pub(super) mod devtools;
pub(super) mod har;
pub(super) mod httpie;
pub(super) mod playwright;
pub(super) mod selenium;
pub(super) mod top;
pub(super) mod tough_cookie;
pub(super) mod whole;
