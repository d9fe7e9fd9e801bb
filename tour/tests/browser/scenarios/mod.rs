//! The scenarios of the pages, with one file for each group of the contents.

pub(crate) mod applications;
pub(crate) mod authentication;
pub(crate) mod cookies;
pub(crate) mod session;
pub(crate) mod start;
pub(crate) mod state;
