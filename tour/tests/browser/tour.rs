use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use tempfile::TempDir;
use tour::Kind;

/// Runs a command until its own standard input ends, which happens when the process at the other end exits.
const UNTIL_LEFT: &str =
    r#""$@" </dev/null & tour=$!; exec >/dev/null; read -r _; kill -9 "$tour""#;

/// A running tour in its own folder. It is stopped when dropped.
pub(crate) struct Tour {
    pub(crate) kind: Kind,
    /// Its address, without a trailing slash.
    pub(crate) url: String,
    child: Child,
    folder: TempDir,
    /// Kept open, because the tour may print a message when it stops.
    _said: BufReader<ChildStdout>,
}

impl Tour {
    pub(crate) fn start(kind: Kind) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new("/bin/sh")
            .args(["-c", UNTIL_LEFT, "sh", env!("CARGO_BIN_EXE_tour")])
            .args(["--port", "0", "--kind", &kind.to_string()])
            .current_dir(folder.path())
            .env("SECRET_KEY", "a secret of more than sixteen bytes")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(folder.path().join("log")).unwrap())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let url = loop {
            let mut line = String::new();
            assert!(
                said.read_line(&mut line).unwrap() > 0,
                "the tour has ended: {}",
                log(&folder)
            );
            if let Some(at) = line.find("http://localhost:") {
                break line[at..].split_whitespace().next().unwrap().to_owned();
            }
        };
        Self { kind, url, child, folder, _said: said }
    }

    /// Checks that the log contains no error.
    pub(crate) fn is_content(&self) {
        let log = log(&self.folder);
        assert!(!log.contains("ERROR") && !log.contains("panicked"), "{log}");
    }
}

impl Drop for Tour {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

fn log(folder: &TempDir) -> String {
    fs::read_to_string(folder.path().join("log")).unwrap()
}
