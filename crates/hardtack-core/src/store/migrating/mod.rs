//! Moving sessions from one store to another while they are in use.

mod listing;
mod mark;
mod store;

pub use store::MigratingStore;
