//! A jar in a file: what its path leads to, the lock that keeps others away, and how the text gets there whole.

mod jar_file;
mod lock;
mod saving;
mod target;

pub use jar_file::JarFile;
