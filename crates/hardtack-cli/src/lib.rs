//! The `hardtack` command: inspects and creates cookies, manages session stores and cookie jars, and audits sites.
//!
//! | | |
//! |---|---|
//! | `hardtack keygen` | creates a secret key |
//! | `hardtack inspect` | decodes a cookie, and verifies it with keys |
//! | `hardtack sign`, `seal` | create a session cookie from JSON |
//! | `hardtack sessions` | lists, shows, revokes, and purges the sessions of a store |
//! | `hardtack jar` | converts cookies between the files of browsers and tools |
//! | `hardtack audit` | audits the cookies that a site sets |
//! | `hardtack serve` | starts the tour |
//! | `hardtack completions`, `man`, `help` | print shell completions, the manual pages, and help for a command |
//!
//! The library contains the command without its process: [`run`] executes a command line, [`Hardtack::tree`] defines
//! all commands and options, and [`Exit`] lists the exit statuses.
#![forbid(unsafe_code)]

mod audit;
mod color;
mod command;
mod completions;
mod content;
mod destination;
mod exit;
mod exits;
mod failure;
mod findings;
mod handle;
mod help;
mod input;
mod inspect;
mod jar;
mod keygen;
mod man;
mod moment;
mod output;
mod progress;
mod run;
mod seal;
mod secret;
mod serve;
mod sessions;
mod settings;
mod sign;
mod span;
mod store;
mod table;

pub use command::Hardtack;
pub use exit::Exit;
pub use run::run;
