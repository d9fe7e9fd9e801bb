//! Sessions through the layer, as a browser sees them.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod caching;
mod canceling;
mod checking;
mod cookies;
mod dictionary;
mod ending;
mod events;
mod extractors;
mod failing;
mod flashes;
mod lifetimes;
mod like_flask;
mod merging;
mod nested;
mod nothing;
mod renewing;
mod requirements;
mod rivals;
mod saving;
mod support;
