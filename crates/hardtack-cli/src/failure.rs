use std::error::Error as StdError;
use std::fmt;
use std::io;

use hardtack::store::StoreError;

use crate::exit::Exit;

/// Why the command did not do what it was asked for: a sentence that names the fix, and how the command ends.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    /// Nothing, if nobody is there to read it.
    sentence: Option<String>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, sentence: impl Into<String>) -> Self {
        Self { exit, sentence: Some(sentence.into()) }
    }

    pub(crate) fn usage(sentence: impl Into<String>) -> Self {
        Self::new(Exit::Usage, sentence)
    }

    /// An error, with all that lies under it.
    pub(crate) fn caused(exit: Exit, error: &dyn StdError) -> Self {
        let mut sentence = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            let cause_text = cause.to_string();
            // Some errors repeat what lies under them.
            if !sentence.contains(&cause_text) {
                sentence = format!("{sentence}: {cause_text}");
            }
            source = cause.source();
        }
        Self::new(exit, sentence)
    }

    /// A store that failed, or a record in it that cannot be read.
    pub(crate) fn of_store(error: &StoreError) -> Self {
        Self::caused(if error.is_unreadable() { Exit::Unreadable } else { Exit::Unreachable }, error)
    }

    /// A file that cannot be read.
    pub(crate) fn reading(what: &str, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => {
                Self::new(Exit::NotFound, format!("there is no file {what}: check the path"))
            }
            _ => Self::new(Exit::Unreadable, format!("{what} cannot be read: {error}")),
        }
    }

    /// How the command ends.
    pub(crate) const fn exit(&self) -> Exit {
        self.exit
    }

    /// The sentence; `None` if nobody reads it any more.
    pub(crate) fn sentence(&self) -> Option<&str> {
        self.sentence.as_deref()
    }
}

/// Of what is written to standard output.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            // Whoever read it has seen enough, as in `hardtack sessions list | head`.
            io::ErrorKind::BrokenPipe => Self { exit: Exit::Done, sentence: None },
            _ => Self::new(Exit::Unwritable, format!("standard output cannot be written: {error}")),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence().unwrap_or_default())
    }
}

impl StdError for Failure {}
