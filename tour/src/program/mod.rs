//! The program: its command line, its setup, and its server.

mod options;
mod secret_file;
mod serve;
mod setup;

pub use options::{Options, Port, USAGE};
pub use secret_file::SecretFile;
pub use serve::run;
pub use setup::Setup;
