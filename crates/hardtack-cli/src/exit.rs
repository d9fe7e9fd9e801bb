use std::fmt::Write;
use std::process::ExitCode;

/// How the command ends: the one table of its exit statuses.
///
/// ```
/// use hardtack_cli::Exit;
///
/// assert_eq!(Exit::Judged.code(), 1);
/// assert!(Exit::table().contains("1  judged bad"));
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
            Self::Done => "done",
            Self::Judged => {
                "judged bad: a cookie that does not verify, a site with findings, cookies that were left out"
            }
            Self::Usage => "the command line is wrong",
            Self::NotFound => "what it names is not there: a file, a variable, a session",
            Self::Unreachable => "a store or a site does not answer",
            Self::Unreadable => "what was read is not in the form it should be in",
            Self::Unwritable => "the outcome cannot be written",
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
