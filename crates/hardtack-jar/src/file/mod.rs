//! A jar in a file: resolving its path, locking it, and saving it atomically where possible.

mod copy_names;
mod in_place;
mod jar_file;
mod lock;
mod saving;
mod target;

pub use jar_file::JarFile;
