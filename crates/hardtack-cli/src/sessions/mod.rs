//! Commands with which operators list, show, revoke, and purge the sessions in a store.

mod age_filter;
mod list;
mod listed;
mod purge;
mod revoke;
mod sessions;
mod show;

pub(crate) use sessions::Sessions;
