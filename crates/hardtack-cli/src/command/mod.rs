//! The command line as a whole: running it, its exit statuses, and its documentation.

mod completions;
mod exit_statuses;
mod hardtack;
mod help;
mod man;
mod run;

pub use hardtack::Hardtack;
pub use run::run;
