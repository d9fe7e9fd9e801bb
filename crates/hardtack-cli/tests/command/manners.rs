//! Tests the conventions of the platform: closed pipes, colors, and terminals.

use std::fs;
use std::io::Read;
use std::process::{Command, Stdio};

use crate::fixture::Fixture;
use crate::program::{finish, hardtack};

#[test]
fn a_closed_pipe_is_not_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let jar = folder.path().join("cookies.txt");
    let lines: String =
        (0..5000).map(|number| format!("site{number}.example\tFALSE\t/\tFALSE\t0\tid\t{number}\n")).collect();
    fs::write(&jar, lines).expect("a file");
    for more in [&["show"][..], &["show", "--json"], &["export", "--to", "netscape"]] {
        let mut command = hardtack();
        command.arg("jar").arg(more[0]).arg(&jar).args(&more[1..]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        let mut first = [0; 10];
        let mut stdout = child.stdout.take().expect("it is piped");
        stdout.read_exact(&mut first).expect("it writes");
        drop(stdout);
        let output = child.wait_with_output().expect("it ends");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && stderr.is_empty(), "{more:?}: {:?} {stderr}", output.status);
    }
}

#[test]
fn colors_are_only_for_terminals() {
    let colored = |arguments: &[&str], environment: &[(&str, &str)]| {
        let mut command = hardtack();
        command.args(arguments).args(["inspect", "dark"]).envs(environment.iter().copied());
        finish(&mut command, b"").stdout.contains('\x1b')
    };
    assert!(!colored(&[], &[]), "a pipe is not a terminal");
    assert!(colored(&["--color", "always"], &[]));
    assert!(colored(&["--color=always"], &[("NO_COLOR", "1")]), "--color takes precedence");
    assert!(!colored(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]));
}

/// Runs the program on a terminal, which the command `script` provides.
#[test]
fn a_terminal_gets_colors_unless_no_color_is_set() {
    let on_terminal = |environment: &[(&str, &str)]| {
        let mut script = Command::new("script");
        let program = format!("{} inspect dark", env!("CARGO_BIN_EXE_hardtack"));
        script.args(["-qec", &program, "/dev/null"]).env("TERM", "xterm").env_remove("NO_COLOR");
        let output = script.envs(environment.iter().copied()).stdin(Stdio::null()).output();
        output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
    };
    match on_terminal(&[]) {
        Err(error) if std::env::var_os("CI").is_none() => {
            println!("summary: skipped: colors on a terminal: `script` is not installed ({error})");
        }
        shown => {
            let shown = shown.expect("`script` gives a terminal");
            assert!(shown.contains("\x1b[1m") && shown.contains("not a session of"), "{shown:?}");
            assert!(!on_terminal(&[("NO_COLOR", "1")]).expect("it ran once").contains("\x1b[1m"));
        }
    }
}

#[test]
fn a_cookie_does_not_control_the_terminal() {
    let outcome = finish(hardtack().args(["inspect", "-"]), b"name=\x1b[31mred\x07");
    assert!(!outcome.stdout.contains('\x1b') && outcome.stdout.contains("\\u{1b}"), "{outcome:?}");
}

#[test]
fn a_full_disk_is_reported() {
    let Ok(full) = fs::OpenOptions::new().write(true).open("/dev/full") else {
        println!("summary: skipped: a full disk: /dev/full does not exist");
        return;
    };
    let fixture = Fixture::new();
    let mut command = hardtack();
    command.args(["jar", "show", &fixture.fill("{cookies.txt}")]);
    let output = command.stdout(full).stderr(Stdio::piped()).output().expect("it ends");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(6), "{stderr}");
    assert!(stderr.contains("standard output cannot be written"), "{stderr}");
}
