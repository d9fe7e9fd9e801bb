use std::path::PathBuf;
use std::process::Command;

/// Builds an example as a user would, with only the features that it requests, and returns the bytes of the program.
fn built(package: &str, example: &str) -> Vec<u8> {
    let built = cargo()
        .args(["build", "--quiet", "--profile=test", "--package", package, "--example", example])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .status()
        .unwrap();
    assert!(built.success());
    let tests = std::env::current_exe().unwrap();
    let folder: PathBuf = tests.parent().unwrap().parent().unwrap().into();
    std::fs::read(folder.join("examples").join(example)).unwrap()
}

/// Returns a cargo without the variables that describe this package. The build script of `ring` reads them, so this
/// cargo and the one that runs the tests would each build `ring` again after the other.
fn cargo() -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_MANIFEST_") || text.starts_with("CARGO_PKG_") {
            cargo.env_remove(&name);
        }
    }
    cargo
}

/// Strings that occur only in programs with the inspector: the name of the inspector's crate as it appears in symbols
/// and paths, and the path of its module in `hardtack`.
const TRACES: [&str; 4] =
    ["hardtack_inspect", "hardtack-inspect", "8hardtack7inspect", "hardtack/src/inspect"];

fn traces(program: &[u8]) -> Vec<&'static str> {
    let text = String::from_utf8_lossy(program);
    TRACES.into_iter().filter(|trace| text.contains(trace)).collect()
}

#[test]
fn application_without_the_inspector_has_no_trace_of_it() {
    assert_eq!(traces(&built("hardtack", "visits")), [""; 0]);
    assert_eq!(traces(&built("hardtack-inspect", "inspect")), TRACES);
    println!(
        "summary: an application without the inspector: none of {} traces of it in its program",
        TRACES.len()
    );
}
