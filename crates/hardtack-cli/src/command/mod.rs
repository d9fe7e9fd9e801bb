//! The command line as a whole: its commands, its exit statuses, its documentation, and how it is run.

mod completions;
mod exit_statuses;
mod hardtack;
mod help;
mod man;
mod run;

pub use hardtack::Hardtack;
pub use run::run;
