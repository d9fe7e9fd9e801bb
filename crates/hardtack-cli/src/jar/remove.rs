use std::time::SystemTime;

use clap::Args;
use hardtack_jar::{Exported, Jar, JarFile, StoredCookie};
use serde_json::json;

use super::complaints::Complaints;
use super::domain::Domain;
use super::form::check_writable;
use super::format::FormatName;
use super::source::{Source, Text};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input::Input;
use crate::output::{self, Form, Output};

/// Remove cookies from a file
///
/// The other cookies stay, and the file keeps its format. With `-`, the file is read from standard input, and the outcome
/// is written to standard output.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hardtack jar remove cookies.txt --domain example.com
  hardtack jar remove state.json --domain shop.example --path /cart --name id")]
pub(super) struct Remove {
    /// The file of cookies, or `-` for standard input
    file: Input,
    /// Cookies of this host and of the domains under it
    #[arg(long)]
    domain: Domain,
    /// Of these, only cookies with this path
    #[arg(long)]
    path: Option<String>,
    /// Of these, only cookies with this name
    #[arg(long)]
    name: Option<String>,
    /// The format of the file. Default: as it looks
    #[arg(long, value_name = "FORMAT", value_enum)]
    from: Option<FormatName>,
    /// Write the file although some of its cookies cannot be read: they are lost
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    form: Form,
}

impl Remove {
    pub(super) fn run(self) -> Result<Exit, Failure> {
        let now = SystemTime::now();
        let text = Source::of(self.from).read(&self.file, now)?;
        check_writable(text.format)?;
        let (removed, left) = match &self.file {
            Input::Stdin => return self.pass(&text, now),
            Input::File(path) => {
                let mut file = JarFile::new(path, text.format);
                if self.force {
                    file = file.overwrite_unread();
                }
                let mut jar = Jar::new();
                // If there is no cookie to remove, the file stays unchanged.
                let outcome: Result<(usize, Exported), Stopped> =
                    file.update(&mut jar, now, |jar, imported| {
                        Complaints::default().imported(&self.file, imported);
                        match jar.retain(|cookie| !self.is_meant(cookie)) {
                            0 => Err(Stopped::Nothing),
                            removed => Ok(removed),
                        }
                    });
                match outcome {
                    Ok((removed, _)) => (removed, jar.len()),
                    Err(Stopped::Nothing) => return Err(self.nothing()),
                    Err(Stopped::Failed(error)) => return Err(Failure::of_jar(&self.file, &error)),
                }
            }
        };
        let mut out = Output::new();
        if self.form.json {
            out.json(&json!({ "removed": removed, "cookies": left }))?;
        } else {
            out.line(format_args!("{removed} removed; {left} left in {}", self.file))?;
        }
        Ok(Exit::Done)
    }

    /// From standard input to standard output.
    fn pass(&self, text: &Text, now: SystemTime) -> Result<Exit, Failure> {
        if self.form.json {
            return Err(Failure::usage("standard output gets the cookies: leave out --json"));
        }
        let failed = |error| Failure::of_jar(&self.file, &error);
        let (mut jar, mut complaints) = (Jar::new(), Complaints::default());
        let imported = text.import(&mut jar, now).map_err(failed)?;
        complaints.imported(&self.file, &imported);
        if complaints.count() > 0 && !self.force {
            return Err(Failure::new(
                Exit::Unreadable,
                "cookies that cannot be read would be lost: say --force to leave them out",
            ));
        }
        let removed = jar.retain(|cookie| !self.is_meant(cookie));
        let exported = jar.export_with(text.format, imported.rest(), now).map_err(failed)?;
        Output::new().bytes(exported.text())?;
        if removed == 0 {
            return Err(self.nothing());
        }
        output::note(format_args!("{removed} removed; {} left", jar.len()));
        Ok(Exit::Done)
    }

    fn is_meant(&self, cookie: &StoredCookie) -> bool {
        self.domain.has(cookie)
            && self.path.as_ref().is_none_or(|path| cookie.path() == path)
            && self.name.as_ref().is_none_or(|name| cookie.name() == name.as_bytes())
    }

    fn nothing(&self) -> Failure {
        Failure::new(
            Exit::NotFound,
            format!("{} has no such cookie of {}: see `hardtack jar show`", self.file, self.domain),
        )
    }
}

/// Why a file stays unchanged.
enum Stopped {
    Nothing,
    Failed(hardtack_jar::Error),
}

impl From<hardtack_jar::Error> for Stopped {
    fn from(error: hardtack_jar::Error) -> Self {
        Self::Failed(error)
    }
}
