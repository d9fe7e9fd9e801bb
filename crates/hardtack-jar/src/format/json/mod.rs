//! The JSON formats: one file for each, and shared code.

mod cookie;
pub(super) mod cookie_editor;
pub(super) mod cookie_store;
mod detect;
pub(super) mod devtools;
pub(super) mod har;
pub(super) mod httpie;
mod members;
pub(super) mod playwright;
pub(super) mod selenium;
mod time;
pub(super) mod tough_cookie;
pub(super) mod whole;

pub(super) use detect::detect;
