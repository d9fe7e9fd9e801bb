//! A jar in a file: resolving its path, locking it, and saving it atomically where possible.

mod jar_file;
mod locked;
mod overwrite;
mod replace;
mod target;
mod temporary_names;

pub use jar_file::JarFile;
