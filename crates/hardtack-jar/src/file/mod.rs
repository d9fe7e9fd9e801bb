//! Stores a jar in a file: resolves the path, locks the file, and saves it atomically where possible.

mod jar_file;
mod locked;
mod overwrite;
mod replace;
mod target;
mod temporary_names;

pub use jar_file::JarFile;
