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
mod fetch_metadata;
mod flashes;
mod flask_rules;
mod lifetimes;
mod logging;
mod meeting;
mod merging;
mod misuse;
mod nothing;
mod observed;
mod purposes;
mod renewing;
mod requirements;
mod reserved;
mod rivals;
mod saving;
mod sizes;
mod streaming;
mod support;
mod twice;
mod ways_back;
