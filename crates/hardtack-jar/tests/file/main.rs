//! A jar in a file: whole or not there, however the program ends; its owner's alone; and where it belongs, whatever its
//! path leads to.
//!
//! A program of its own and no test functions, because it starts itself as the child that is killed, that works at the
//! same time as others, and that has a mounted file. `HARDTACK_KILLS` says how often it kills, by default thirty times.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod child;
mod killing;
mod support;
mod together;
mod unread;
mod whereto;

use std::path::Path;

use child::Child;

/// Each has a folder of its own.
type Test = (&'static str, fn(&Path) -> Outcome);

/// A test that cannot run here says why.
enum Outcome {
    Passed,
    Skipped(&'static str),
}

fn main() {
    if let Some(child) = Child::asked_for() {
        return child.run();
    }
    let tests = [killing::TESTS, together::TESTS, unread::TESTS, whereto::TESTS].concat();
    let (mut passed, mut skipped) = (0, 0);
    for (name, test) in tests {
        let folder = tempfile::tempdir().unwrap();
        match test(folder.path()) {
            Outcome::Passed => {
                println!("test {name} ... ok");
                passed += 1;
            }
            Outcome::Skipped(why) => {
                println!("test {name} ... ignored, {why}");
                skipped += 1;
            }
        }
    }
    println!("test result: ok. {passed} passed; 0 failed; {skipped} ignored");
}
