//! Compares the jar and Chromium on the same cases: what each one stores, and what each one sends.
//!
//! A seeded generator makes lines for each rule of parsing and storing. A local server sends them byte for byte, with
//! and without TLS, under any host name. The test compares what Chromium then lists and sends with what the jar does at
//! the same time. `differences.rs` has a rule and a sentence for each known difference. An unknown difference fails the
//! test, and so does a known one that no longer explains anything.
//!
//! `HARDTACK_COOKIE_SEED` sets the generator's seed, `HARDTACK_COOKIE_LINES` sets how many lines it makes for each
//! rule, and `HARDTACK_COOKIE_RULE` selects a single rule. `./test` installs Chromium.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod allowing;
mod attributes;
mod case;
mod certificate;
mod clock;
mod date;
mod differences;
mod generator;
mod keeping;
mod ours;
mod outcome;
mod pair;
mod partitions;
mod parts;
mod refusals;
mod rng;
mod run;
mod server;
mod theirs;
