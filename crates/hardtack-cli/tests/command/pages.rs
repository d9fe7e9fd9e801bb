//! Tests that the manual pages and the completions cover every command.

use std::fs;

use hardtack_cli::{Exit, Hardtack};

use crate::program::run;

#[test]
fn each_command_has_a_manual_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let into = folder.path().join("man1").display().to_string();
    let outcome = run(["man", "--output", &into]);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let mut tree = Hardtack::tree();
    tree.build();
    let mut pages = 0;
    let mut look = |name: &str, command: &clap::Command| {
        let page = fs::read_to_string(format!("{into}/{name}.1")).expect(name);
        assert!(page.contains(&format!(".TH {name} 1")), "{page:.400}");
        let is_leaf = command.get_subcommands().next().is_none();
        assert!(!is_leaf || page.contains("Exit status:"), "{name}: exit statuses");
        for long in command.get_arguments().filter_map(|flag| flag.get_long()) {
            let written = long.replace('-', "\\-");
            assert!(page.contains(&format!("\\-\\-{written}")), "{name}: --{long}");
        }
        pages += 1;
    };
    look("hardtack", &tree);
    for command in tree.get_subcommands() {
        let name = format!("hardtack-{}", command.get_name());
        look(&name, command);
        for command in command.get_subcommands() {
            look(&format!("{name}-{}", command.get_name()), command);
        }
    }
    println!("summary: hardtack man: {pages} pages");
}

#[test]
fn the_manual_and_the_help_have_the_table_of_exit_statuses() {
    let (manual, help) = (run(["man"]).stdout, run(["--help"]).stdout);
    let one_line = |text: &str| text.replace("\\-", "-").split_whitespace().collect::<Vec<_>>().join(" ");
    for exit in Exit::ALL {
        let row = one_line(&format!("{} {}", exit.code(), exit.meaning()));
        for text in [&manual, &help] {
            assert!(one_line(text).contains(&row), "{row}");
        }
    }
}

#[test]
fn bash_accepts_its_completions() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("hardtack.bash");
    fs::write(&path, run(["completions", "bash"]).stdout).expect("a file");
    let script = format!(
        "source {}; COMP_WORDS=(hardtack sess); COMP_CWORD=1; _hardtack hardtack sess hardtack; echo \"${{COMPREPLY[@]}}\"",
        path.display()
    );
    match std::process::Command::new("bash").args(["-c", &script]).output() {
        Err(error) if std::env::var_os("CI").is_none() => {
            println!("summary: skipped: completions in bash: bash is not installed ({error})");
        }
        output => {
            let output = output.expect("bash runs");
            assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "sessions", "{output:?}");
        }
    }
}
