//! Commands for operators: the sessions of a store.

mod command;
mod filter;
mod list;
mod listed;
mod purge;
mod revoke;
mod show;

pub(crate) use command::Sessions;
