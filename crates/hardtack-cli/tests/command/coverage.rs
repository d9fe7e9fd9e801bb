//! Checks that the table of invocations uses every flag and every value of the command line.

use std::collections::HashSet;

use clap::Command;
use hardtack_cli::{Exit, Hardtack};

use crate::invocations::{INVOCATIONS, Invocation};

/// Flags that another test uses, because they start a server that must be stopped.
const ELSEWHERE: [&str; 4] = ["serve --port", "serve --kind", "serve --store", "serve --insecure-http"];

#[test]
fn each_flag_is_used_and_each_command_is_misused() {
    let mut tree = Hardtack::tree();
    tree.build();
    let (mut good, mut bad) = (HashSet::new(), HashSet::new());
    for invocation in INVOCATIONS {
        let (path, flags) = read(&tree, invocation);
        let used = if invocation.exit == Exit::Done || invocation.exit == Exit::Negative {
            &mut good
        } else {
            &mut bad
        };
        used.insert(path.clone());
        used.extend(flags.into_iter().map(|flag| format!("{path} {flag}").trim().to_owned()));
    }
    good.extend(ELSEWHERE.map(str::to_owned));
    good.insert("serve".to_owned());
    let mut missing = Vec::new();
    let mut flags = 0;
    walk(&tree, "", &mut |path, command| {
        if !bad.contains(path) && command.get_arguments().any(|argument| argument.is_required_set()) {
            missing.push(format!("{path}: no bad call"));
        }
        if !good.contains(path) && command.get_subcommands().next().is_none() {
            missing.push(format!("{path}: no good call"));
        }
        for long in
            command.get_arguments().filter(|flag| !flag.is_global_set()).filter_map(|flag| flag.get_long())
        {
            flags += 1;
            let name = format!("{path} --{long}").trim().to_owned();
            // Another test calls every command with `--help`.
            if long != "help" && !good.contains(&name) {
                missing.push(name);
            }
        }
    });
    assert!(missing.is_empty(), "no row of the table uses\n{}", missing.join("\n"));
    println!("summary: hardtack: {flags} flags, each used");
}

#[test]
fn each_value_of_a_choice_is_used() {
    let mut tree = Hardtack::tree();
    tree.build();
    let words: HashSet<_> = INVOCATIONS.iter().flat_map(Invocation::words).collect();
    let mut missing = Vec::new();
    walk(&tree, "", &mut |path, command| {
        for argument in command.get_arguments().filter(|argument| !argument.is_global_set()) {
            for value in argument.get_possible_values() {
                let is_default =
                    argument.get_default_values().iter().any(|default| *default == value.get_name());
                let is_flag = !argument.get_action().takes_values();
                if !is_flag && !is_default && !words.contains(value.get_name()) {
                    missing.push(format!("{path} {} {}", argument.get_id(), value.get_name()));
                }
            }
        }
    });
    // `sealing.rs` and `vectors.rs` test signatures with each digest and derivation.
    missing.retain(|word| !word.contains(" digest ") && !word.contains(" key_derivation "));
    assert!(missing.is_empty(), "no row of the table uses\n{}", missing.join("\n"));
}

#[test]
fn the_help_of_every_command_has_its_flags_and_examples() {
    let mut tree = Hardtack::tree();
    tree.build();
    walk(&tree, "", &mut |path, command| {
        let words: Vec<_> = path.split(' ').filter(|word| !word.is_empty()).chain(["--help"]).collect();
        let outcome = crate::program::run(&words);
        assert_eq!(outcome.code, Some(0), "{words:?}");
        let help: Vec<_> = ["help"].into_iter().chain(words[..words.len() - 1].iter().copied()).collect();
        assert_eq!(crate::program::run(&help).stdout, outcome.stdout, "{help:?}");
        assert!(outcome.stderr.is_empty() && outcome.stdout.contains("Usage: hardtack"), "{outcome:?}");
        for long in command.get_arguments().filter_map(|flag| flag.get_long()) {
            assert!(outcome.stdout.contains(&format!("--{long}")), "{words:?}: --{long}");
        }
        if command.get_subcommands().next().is_none() {
            assert!(outcome.stdout.contains("Examples:"), "{words:?}");
            assert!(outcome.stdout.contains("Exit status:\n  0  "), "{words:?}");
        }
    });
}

/// Returns the command that a row calls, and its flags.
fn read(tree: &Command, invocation: &Invocation) -> (String, Vec<String>) {
    let (mut command, mut path, mut flags) = (tree, Vec::new(), Vec::new());
    for word in invocation.words() {
        if let Some(flag) = word.strip_prefix("--") {
            flags.push(format!("--{flag}"));
        } else if let Some(subcommand) = command.find_subcommand(&word) {
            command = subcommand;
            path.push(word);
        }
    }
    (path.join(" "), flags)
}

/// Calls `visit` with each command and its path. A command is visited before its subcommands.
fn walk(command: &Command, path: &str, visit: &mut dyn FnMut(&str, &Command)) {
    visit(path, command);
    for subcommand in command.get_subcommands() {
        walk(subcommand, format!("{path} {}", subcommand.get_name()).trim(), visit);
    }
}
