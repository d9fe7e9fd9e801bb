use std::fmt::Write;
use std::process::ExitCode;

/// The result of a command, which determines its exit status.
///
/// ```
/// use hardtack_cli::Exit;
///
/// assert_eq!(Exit::Negative.code(), 1);
/// assert!(Exit::table().contains("1  a negative result"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Exit {
    /// The command succeeded.
    Done,
    /// The command completed with a negative result.
    Negative,
    /// The command line is invalid.
    Usage,
    /// A file, an environment variable, a store, or a session does not exist.
    NotFound,
    /// A store or a site did not respond, or a port is in use.
    Unreachable,
    /// The input does not have the expected format.
    Unreadable,
    /// The output could not be written.
    Unwritable,
}

impl Exit {
    /// All results, in the order of their exit statuses.
    pub const ALL: [Self; 7] = [
        Self::Done,
        Self::Negative,
        Self::Usage,
        Self::NotFound,
        Self::Unreachable,
        Self::Unreadable,
        Self::Unwritable,
    ];

    /// Returns the exit status.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// Returns a description of the status.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Done => "success",
            Self::Negative => {
                "a negative result: a cookie does not verify or is too large, a site has findings, cookies were left \
                 out, or no cookie matches a URL"
            }
            Self::Usage => "the command line is invalid",
            Self::NotFound => "a file, an environment variable, or a session does not exist",
            Self::Unreachable => "a store or a site does not respond, or a port is in use",
            Self::Unreadable => "the input does not have the expected format",
            Self::Unwritable => "the output cannot be written",
        }
    }

    /// Returns the table of exit statuses that `--help` and the manual show.
    pub fn table() -> String {
        let mut table = String::from("Exit status:\n");
        for exit in Self::ALL {
            // Writing to a string cannot fail.
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
