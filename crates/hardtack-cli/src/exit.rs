use std::fmt::Write;
use std::process::ExitCode;

/// How the command ends: the one table of its exit statuses.
///
/// ```
/// use hardtack_cli::Exit;
///
/// assert_eq!(Exit::Judged.code(), 1);
/// assert!(Exit::table().contains("1  a negative result"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Exit {
    /// What was asked for was done.
    Done,
    /// It was done, and what was looked at is bad.
    Judged,
    /// The command line is wrong.
    Usage,
    /// What it names is not there.
    NotFound,
    /// A store or a site does not answer.
    Unreachable,
    /// What was read is not in the form it should be in.
    Unreadable,
    /// The outcome cannot be written.
    Unwritable,
}

impl Exit {
    /// Every one, in the order of its number.
    pub const ALL: [Self; 7] = [
        Self::Done,
        Self::Judged,
        Self::Usage,
        Self::NotFound,
        Self::Unreachable,
        Self::Unreadable,
        Self::Unwritable,
    ];

    /// The status that the shell sees.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// What it stands for.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Done => "success",
            Self::Judged => {
                "a negative result: a cookie does not verify or is too large, a site has findings, cookies were left \
                 out, or no cookie is sent to a URL"
            }
            Self::Usage => "the command line is invalid",
            Self::NotFound => "a file, a variable, or a session does not exist",
            Self::Unreachable => "a store or a site does not respond, or a port is in use",
            Self::Unreadable => "the input does not have the expected form",
            Self::Unwritable => "the output cannot be written",
        }
    }

    /// The table as `--help` and the manual show it.
    pub fn table() -> String {
        let mut table = String::from("Exit status:\n");
        for exit in Self::ALL {
            // Writing to a text cannot fail.
            let _ = writeln!(table, "  {}  {}", exit.code(), exit.meaning());
        }
        table
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
