use std::time::Instant;

use crate::{by_hand, jars, ours, tower_sessions, visit};

/// A row of the table: a program that serves the same request repeatedly.
pub struct Case {
    pub name: &'static str,
    /// The maximum number of instructions that a request should need in addition to those of `bare axum`.
    pub target: Option<u64>,
    /// Prepares the program, and returns a function that serves one request.
    prepare: fn() -> Box<dyn FnMut()>,
    /// Whether a router serves the request. If so, the cost of `bare axum` is subtracted.
    pub in_axum: bool,
}

/// The number of requests to serve before measuring, so that lazy values are initialized and buffers have grown.
const WARM_UP: u32 = 100;

pub const BARE: &Case = &CASES[0];

pub const CASES: &[Case] = &[
    axum("bare axum", None, visit::bare),
    axum("an empty layer", None, visit::empty_layer),
    axum("hardtack memory, ignoring", Some(3_000), || ours::serve(ours::memory(), ours::ignore)),
    axum("hardtack memory, reading", Some(8_500), || ours::serve(ours::memory(), ours::read)),
    axum("hardtack memory, user", Some(8_500), || ours::serve(ours::memory(), ours::user)),
    axum("hardtack memory, writing", Some(12_000), || ours::serve(ours::memory(), ours::write)),
    axum("hardtack signed, ignoring", Some(3_000), || ours::serve(ours::signed(), ours::ignore)),
    axum("hardtack signed, reading", Some(18_500), || ours::serve(ours::signed(), ours::read)),
    axum("hardtack signed, writing", Some(32_000), || ours::serve(ours::signed(), ours::write)),
    axum("hardtack encrypted, ignoring", Some(3_000), || ours::serve(ours::encrypted(), ours::ignore)),
    axum("hardtack encrypted, reading", Some(12_500), || ours::serve(ours::encrypted(), ours::read)),
    axum("hardtack encrypted, writing", Some(20_000), || ours::serve(ours::encrypted(), ours::write)),
    #[cfg(feature = "inspect")]
    axum("watched memory, ignoring", None, || ours::serve_watched(ours::memory(), ours::ignore)),
    #[cfg(feature = "inspect")]
    axum("watched memory, reading", None, || ours::serve_watched(ours::memory(), ours::read)),
    #[cfg(feature = "inspect")]
    axum("watched memory, writing", None, || ours::serve_watched(ours::memory(), ours::write)),
    #[cfg(feature = "inspect")]
    axum("watched signed, writing", None, || ours::serve_watched(ours::signed(), ours::write)),
    axum("tower-sessions memory, ignoring", None, || tower_sessions::serve(tower_sessions::ignore)),
    axum("tower-sessions memory, reading", None, || tower_sessions::serve(tower_sessions::read)),
    axum("tower-sessions memory, writing", None, || tower_sessions::serve(tower_sessions::write)),
    axum("axum-extra signed, reading", None, || jars::serve(jars::read_signed)),
    axum("axum-extra signed, writing", None, || jars::serve(jars::write_signed)),
    axum("axum-extra private, reading", None, || jars::serve(jars::read_private)),
    axum("axum-extra private, writing", None, || jars::serve(jars::write_private)),
    by_hand("by hand: look up an id", by_hand::look_up),
    by_hand("by hand: verify HMAC-SHA1", by_hand::verify),
    by_hand("by hand: verify and sign", by_hand::verify_and_sign),
    by_hand("by hand: open XAES-256-GCM", by_hand::open),
    by_hand("by hand: open and seal", by_hand::open_and_seal),
];

const fn axum(name: &'static str, target: Option<u64>, prepare: fn() -> Box<dyn FnMut()>) -> Case {
    Case { name, target, prepare, in_axum: true }
}

const fn by_hand(name: &'static str, prepare: fn() -> Box<dyn FnMut()>) -> Case {
    Case { name, target: None, prepare, in_axum: false }
}

pub fn named(name: &str) -> &'static Case {
    CASES.iter().find(|case| case.name == name).unwrap_or_else(|| {
        let names: Vec<&str> = CASES.iter().map(|case| case.name).collect();
        panic!("unknown case `{name}`: use one of\n{}", names.join("\n"))
    })
}

impl Case {
    /// Serves a number of requests after a warm-up.
    pub fn run(&self, times: u32) {
        let mut serve = (self.prepare)();
        for _ in 0..WARM_UP + times {
            serve();
        }
    }

    /// Returns the nanoseconds per request in the best of several rounds, because disturbances only ever add time.
    pub fn nanoseconds(&self) -> f64 {
        const ROUNDS: u32 = 10;
        const TIMES: u32 = 5_000;
        let mut serve = (self.prepare)();
        let mut round = || {
            let start = Instant::now();
            for _ in 0..TIMES {
                serve();
            }
            start.elapsed().as_nanos() as f64 / f64::from(TIMES)
        };
        (0..ROUNDS).map(|_| round()).fold(f64::INFINITY, f64::min)
    }
}
