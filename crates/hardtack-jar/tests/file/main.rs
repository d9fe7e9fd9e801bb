//! Tests jars in files. The file is complete or missing, however the program ends. Only its owner can access it. It is
//! in the right place, whatever its path refers to.
//!
//! This is a program without test functions, because it starts itself as a child process that is killed, that runs
//! concurrently with others, or that uses a mounted file. `HARDTACK_KILLS` sets the number of times that it kills the
//! child; the default is 30.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod child;
mod killing;
mod support;
mod together;
mod unread;
mod whereto;

use std::path::Path;

use child::Child;

/// A test's name and function. Each test has its own folder.
type Test = (&'static str, fn(&Path) -> Outcome);

/// The outcome of a test. A test that cannot run on this machine returns the reason.
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
