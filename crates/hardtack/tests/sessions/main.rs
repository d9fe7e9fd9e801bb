//! Sessions through the layer, as a browser sees them.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod cookies;
mod dictionary;
mod ending;
mod extractors;
mod failing;
mod flashes;
mod lifetimes;
mod merging;
mod nothing;
mod purposes;
mod renewing;
mod saving;
mod support;
