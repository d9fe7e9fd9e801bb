//! The exit statuses of each command, as listed in its help and its manual page.

use std::fmt::Write;

use clap::Command;

use crate::exit::Exit;

/// An exit status, and its meaning for one command.
type Row = (Exit, &'static str);

/// The statuses of each command, in addition to those that all commands share.
const OWN: &[(&str, &[Row])] = {
    use Exit::{Done, Negative, NotFound, Unreachable, Unreadable, Unwritable};
    const NO_STORE: Row = (NotFound, "the store does not exist");
    const NO_SESSION: Row = (NotFound, "the store or the session does not exist");
    const NO_ANSWER: Row = (Unreachable, "the store does not respond");
    const BAD_RECORD: Row = (Unreadable, "a record in the store cannot be read");
    const NO_FILE: Row = (NotFound, "a file or an environment variable does not exist");
    const NO_COOKIES: Row = (Unreadable, "a file does not contain cookies");
    const MAKES: &[Row] = &[
        (Done, "the cookie was printed"),
        (Negative, "the cookie is larger than browsers accept"),
        NO_FILE,
        (Unreadable, "the session is not a JSON object, or the key is empty or too short"),
    ];
    &[
        ("keygen", &[(Done, "the key was printed")]),
        (
            "inspect",
            &[
                (Done, "no problem was found"),
                (
                    Negative,
                    "a cookie does not verify with the keys, browsers refuse it, or it is not a session",
                ),
                (NotFound, "a key does not exist, or the input has no cookie, or none that matches --name"),
                (Unreadable, "the input is not a cookie or an HTTP response, or a key is empty or too short"),
            ],
        ),
        ("sign", MAKES),
        ("seal", MAKES),
        ("sessions list", &[(Done, "the sessions were listed"), NO_STORE, NO_ANSWER, BAD_RECORD]),
        ("sessions show", &[(Done, "the session was shown"), NO_SESSION, NO_ANSWER, BAD_RECORD]),
        ("sessions revoke", &[(Done, "the sessions were revoked"), NO_SESSION, NO_ANSWER, BAD_RECORD]),
        ("sessions purge", &[(Done, "the sessions were removed"), NO_STORE, NO_ANSWER, BAD_RECORD]),
        (
            "jar show",
            &[(Done, "the cookies were shown"), (Negative, "cookies were left out"), NO_FILE, NO_COOKIES],
        ),
        (
            "jar import",
            &[
                (Done, "the cookies were merged"),
                (Negative, "cookies were left out"),
                NO_FILE,
                (Unreadable, "a file does not contain cookies, or cookies of the jar cannot be read"),
                (Unwritable, "the jar or standard output cannot be written"),
            ],
        ),
        (
            "jar export",
            &[
                (Done, "all cookies were written"),
                (Negative, "cookies were left out"),
                NO_FILE,
                (Unreadable, "a file does not contain cookies, or the file to replace is not a readable jar"),
                (Unwritable, "the file or standard output cannot be written"),
            ],
        ),
        (
            "jar header",
            &[(Done, "the header was printed"), (Negative, "no cookie matches the URL"), NO_FILE, NO_COOKIES],
        ),
        (
            "jar remove",
            &[
                (Done, "the cookies were removed"),
                (NotFound, "the file or the cookies do not exist"),
                (Unreadable, "the file does not contain cookies, or some of them cannot be read"),
                (Unwritable, "the file or standard output cannot be written"),
            ],
        ),
        (
            "audit",
            &[
                (Done, "every page was reached, and every finding is below --fail-on"),
                (Negative, "a finding is at or above --fail-on, or cookies of --jar were left out"),
                (NotFound, "the --jar file does not exist"),
                (Unreachable, "a page was not reached, regardless of the findings on the others"),
                (Unreadable, "the --jar file does not contain cookies"),
            ],
        ),
        (
            "serve",
            &[
                (Done, "the tour was stopped"),
                (Unreachable, "the port is in use, or the store cannot be opened"),
            ],
        ),
        ("completions", &[(Done, "the completions were printed")]),
        (
            "man",
            &[
                (Done, "the manual was written"),
                (Unwritable, "the folder or standard output cannot be written"),
            ],
        ),
        ("help", &[(Done, "the help was printed")]),
    ]
};

const SHARED: [Row; 2] =
    [(Exit::Usage, "the command line is invalid"), (Exit::Unwritable, "standard output cannot be written")];

/// Adds the exit statuses to the help of each command that has no subcommands.
pub(crate) fn describe(tree: Command) -> Command {
    fn add(command: Command, path: &str) -> Command {
        if command.get_subcommands().next().is_none() {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let table = table(path);
            return command.after_help(format!("{help}\n\n{table}").trim().to_owned());
        }
        command.mut_subcommands(|command| {
            let path = format!("{path} {}", command.get_name());
            add(command, path.trim_start())
        })
    }
    add(tree, "")
}

fn table(path: &str) -> String {
    let own = OWN.iter().find(|(name, _)| *name == path).map(|(_, rows)| *rows).unwrap_or_default();
    let mut table = String::from("Exit status:\n");
    for exit in Exit::ALL {
        let row = own.iter().chain(&SHARED).find(|row| row.0 == exit);
        if let Some((exit, meaning)) = row {
            // Writing to a string cannot fail.
            let _ = writeln!(table, "  {}  {meaning}", exit.code());
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::command::Hardtack;

    #[test]
    fn the_table_has_each_command_and_no_other() {
        fn leaves(command: &Command, path: &str, found: &mut Vec<String>) {
            if command.get_subcommands().next().is_none() {
                found.push(path.to_owned());
            }
            for command in command.get_subcommands() {
                leaves(command, format!("{path} {}", command.get_name()).trim_start(), found);
            }
        }
        let mut found = Vec::new();
        leaves(&Hardtack::command(), "", &mut found);
        let mut listed: Vec<_> = OWN.iter().map(|(path, _)| (*path).to_owned()).collect();
        found.sort();
        listed.sort();
        assert_eq!(found, listed);
        assert!(
            OWN.iter().all(|(_, rows)| rows[0].0 == Exit::Done && rows.is_sorted_by_key(|row| row.0.code()))
        );
    }
}
