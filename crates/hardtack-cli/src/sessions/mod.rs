//! The sessions of a store, for who runs the application.

mod command;
mod filter;
mod list;
mod listed;
mod purge;
mod revoke;
mod show;

pub(crate) use command::Sessions;
