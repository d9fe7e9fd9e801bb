//! Checks of every page: accessibility, pictures, and edited cookies.

mod accessible;
mod pictures;
mod sweep;
mod tampered;
