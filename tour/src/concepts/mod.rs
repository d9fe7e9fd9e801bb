//! The pages, a family a file.

pub(crate) mod cookies;
pub(crate) mod home;
pub(crate) mod login;
pub(crate) mod sessions;
