//! Compares the jar and Chromium on the same cases: what each one stores, and what each one sends.
//!
//! A seeded generator makes lines for each rule about parsing and storing cookies. A local server sends the lines byte
//! for byte, with and without TLS, under any host name. The test compares the cookies that Chromium stores and sends
//! with those that the jar stores and sends at the same time. `differences.rs` describes the known differences. The
//! test fails if it finds an unknown difference, or if a known difference no longer explains any case.
//!
//! `HARDTACK_COOKIE_SEED` sets the generator's seed, `HARDTACK_COOKIE_LINES` sets the number of lines for each rule,
//! and `HARDTACK_COOKIE_RULE` selects a single rule. `./test` installs Chromium.
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
