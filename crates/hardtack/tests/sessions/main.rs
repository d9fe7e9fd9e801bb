//! Sessions through the layer, as a browser sees them.

mod cookies;
mod dictionary;
mod ending;
mod failing;
mod flashes;
mod lifetimes;
mod merging;
mod nothing;
mod renewing;
mod saving;
mod support;
