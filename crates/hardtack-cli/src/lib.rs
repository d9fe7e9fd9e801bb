//! The `hardtack` command: inspects and creates cookies, manages session stores and cookie jars, and audits sites.
//!
//! | | |
//! |---|---|
//! | `hardtack keygen` | creates a secret key |
//! | `hardtack inspect` | decodes a cookie, and verifies it with keys |
//! | `hardtack sign`, `seal` | create a session cookie from JSON |
//! | `hardtack sessions` | lists, shows, revokes, and purges the sessions in a store |
//! | `hardtack jar` | shows, merges, and converts the cookie files of browsers and tools |
//! | `hardtack audit` | audits the cookies that a site sets |
//! | `hardtack serve` | starts the tour |
//! | `hardtack completions`, `man`, `help` | print shell completions, the manual pages, and help for a command |
//!
//! The library implements the whole command: [`run`] executes a command line, [`Hardtack::tree`] defines all commands
//! and options, and [`Exit`] lists the exit statuses.
#![forbid(unsafe_code)]

mod arguments;
mod audit;
mod command;
mod create;
mod exit;
mod failure;
mod inspect;
mod jar;
mod output;
mod serve;
mod sessions;

pub use command::{Hardtack, run};
pub use exit::Exit;
