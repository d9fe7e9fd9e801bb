//! The jar and Chromium, led through the same: what each keeps, and what each sends.
//!
//! A seeded generator makes lines for each rule of reading and storing; a local server sends them byte for byte, encrypted
//! and plainly, under whatever name; what Chromium then lists and sends is compared with what the jar does at the same
//! moment. `differences.rs` has a rule and a sentence for each way in which they differ: another one fails the test, and so
//! does a rule that explains nothing any more.
//!
//! `HARDTACK_COOKIE_SEED` says from where the generator begins, `HARDTACK_COOKIE_LINES` how many lines it makes for each
//! rule, `HARDTACK_COOKIE_RULE` for which one alone. `./test` installs Chromium.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod allowing;
mod attributes;
mod case;
mod certificate;
mod clock;
mod date;
mod dice;
mod differences;
mod generator;
mod keeping;
mod ours;
mod outcome;
mod pair;
mod partitions;
mod parts;
mod refusals;
mod run;
mod server;
mod theirs;
