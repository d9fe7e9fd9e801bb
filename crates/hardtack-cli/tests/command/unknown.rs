//! Tests the command with files of any kind: it reports what they are, and never panics, hangs, or writes.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::program::{Outcome, finish, hardtack};

/// The maximum duration of the test. It is long, because the machine may be busy.
const DEADLINE: Duration = Duration::from_secs(300);

/// Returns the files of the jar crate's corpus, and generates others: random bytes, deeply nested JSON, long lines, and
/// part of a program.
fn files(folder: &Path) -> Vec<PathBuf> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../hardtack-jar/tests/files");
    let known = fs::read_dir(corpus).expect("the corpus").flatten().map(|entry| entry.path());
    let is_input = |path: &PathBuf| path.extension().is_none_or(|end| end != "expected" && end != "rs");
    let mut files: Vec<_> = known.filter(is_input).collect();
    let mut add = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        fs::write(&path, bytes).expect("a file");
        files.push(path);
    };
    let mut state = 1_u32;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    })
    .take(100_000)
    .collect();
    add("noise", &noise);
    add("noise.json", &[b"{\"cookies\": [", noise.as_slice()].concat());
    add("noise.txt", &[b"# Netscape HTTP Cookie File\n", noise.as_slice()].concat());
    add("database", &[b"SQLite format 3\0", noise.as_slice()].concat());
    add("deep.json", "[".repeat(100_000).as_bytes());
    add("deeper.json", r#"{"cookies":"#.repeat(50_000).as_bytes());
    add("long_line", "a".repeat(1_000_000).as_bytes());
    add("pairs", "a=1; ".repeat(200_000).as_bytes());
    add("headers", "Set-Cookie: a=1\r\n".repeat(50_000).as_bytes());
    add("empty", b"");
    add("program", &fs::read(env!("CARGO_BIN_EXE_hardtack")).expect("a file")[..100_000]);
    files.sort();
    files
}

fn run(arguments: &[&str], folder: &Path) -> Outcome {
    let mut command = hardtack();
    finish(command.args(arguments).current_dir(folder), b"")
}

#[test]
fn no_file_makes_it_panic_or_write() {
    let (folder, elsewhere) =
        (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let files = files(folder.path());
    let begin = std::time::Instant::now();
    for file in &files {
        let path = file.display().to_string();
        let before = fs::read(file).expect("a file");
        for arguments in [
            &["jar", "show", &path][..],
            &["jar", "show", &path, "--url", "https://shop.example/", "--json"],
            &["jar", "export", &path, "--to", "netscape"],
            &["jar", "header", "https://shop.example/", &path],
            &["jar", "import", &path, "--output", "-"],
            &["jar", "remove", &path, "--domain", "nobody.invalid"],
        ] {
            let outcome = run(arguments, elsewhere.path());
            assert!(matches!(outcome.code, Some(0..=6)), "{arguments:?}: {:?}", outcome.code);
            assert!(!outcome.stderr.contains("panicked"), "{arguments:?}: {}", outcome.stderr);
            assert!(outcome.stderr.lines().count() <= 45, "{arguments:?}: {}", outcome.stderr);
        }
        let inspected = finish(hardtack().args(["inspect", "-"]).current_dir(elsewhere.path()), &before);
        assert!(matches!(inspected.code, Some(0..=6)), "inspect {path}: {:?}", inspected.code);
        assert!(!inspected.stderr.contains("panicked"), "inspect {path}: {}", inspected.stderr);
        assert_eq!(fs::read(file).expect("a file"), before, "{path}");
        assert!(begin.elapsed() < DEADLINE, "{path}");
    }
    assert_eq!(fs::read_dir(elsewhere.path()).expect("a folder").count(), 0, "nothing is written");
    println!("summary: hardtack: {} files of any kind", files.len());
}
