//! The tour in a browser's words, on all three kinds of session.

mod browser;
mod cookies;
mod every_page;
mod login;
mod sessions;
