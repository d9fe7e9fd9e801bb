//! The `hardtack` command: takes cookies apart, makes them, keeps house in session stores and jars, and audits sites.
//!
//! | | |
//! |---|---|
//! | `hardtack keygen` | makes a secret key |
//! | `hardtack inspect` | takes a cookie apart, and says whether a key believes it |
//! | `hardtack sign`, `seal` | make a session's cookie of JSON |
//! | `hardtack sessions` | lists, shows, revokes and purges the sessions of a store |
//! | `hardtack jar` | carries cookies between the files of browsers and tools |
//! | `hardtack audit` | judges the cookies that a site sets |
//! | `hardtack serve` | starts the tour |
//! | `hardtack completions`, `man`, `help` | write completions, the manual, and the help of a command |
//!
//! The library is the command without the process around it: [`run`] does what a command line says, [`Hardtack::tree`]
//! is all that it understands, and [`Exit`] is the table of how it ends.
#![forbid(unsafe_code)]

mod advice;
mod audit;
mod color;
mod command;
mod completions;
mod content;
mod destination;
mod exit;
mod exits;
mod failure;
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
