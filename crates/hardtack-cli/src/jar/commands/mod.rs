//! The subcommands of `hardtack jar`.

mod export;
mod header;
mod import;
mod remove;
mod show;

pub(super) use export::Export;
pub(super) use header::Header;
pub(super) use import::Import;
pub(super) use remove::Remove;
pub(super) use show::Show;
