//! The pages, one file per family.

#[cfg(feature = "inspect")]
pub(crate) mod anatomy;
pub(crate) mod attributes;
#[cfg(feature = "inspect")]
pub(crate) mod conversation;
pub(crate) mod cookies;
pub(crate) mod course;
pub(crate) mod devices;
pub(crate) mod flash;
pub(crate) mod home;
#[cfg(feature = "inspect")]
pub(crate) mod jar;
pub(crate) mod limits;
pub(crate) mod login;
pub(crate) mod remember;
pub(crate) mod sessions;
pub(crate) mod shop;
pub(crate) mod steps;
pub(crate) mod storage;
pub(crate) mod tips;
pub(crate) mod token;
pub(crate) mod types;
pub(crate) mod visits;
