//! A jar in a file: resolving its path, locking it, and saving it atomically where possible.

mod copy_names;
mod jar_file;
mod locked;
mod overwrite;
mod replace;
mod target;

pub use jar_file::JarFile;
