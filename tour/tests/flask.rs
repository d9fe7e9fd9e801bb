//! Tests that the equivalent Flask application runs, and that its functions behave as documented.
//!
//! `./test` installs Flask, and sets `HARDTACK_PYTHON` to its Python.

use std::process::Command;

mod flask {
    use super::*;

    #[test]
    #[ignore = "needs Flask, which ./test installs"]
    fn every_function_that_the_pages_show_runs() {
        let python =
            std::env::var("HARDTACK_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let check = concat!(env!("CARGO_MANIFEST_DIR"), "/flask/check.py");
        // With `-B`, Python writes no bytecode files to the source folder.
        let run = Command::new(python).args(["-B", check]).output().unwrap();
        let (stdout, stderr) = (
            String::from_utf8_lossy(&run.stdout),
            String::from_utf8_lossy(&run.stderr),
        );
        assert!(run.status.success() && stdout.starts_with("ok: "), "{stdout}{stderr}");
        println!("summary: the tour's Flask application: {}", stdout.trim());
    }
}
