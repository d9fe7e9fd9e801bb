use std::fmt;
use std::path::Path;
use std::time::SystemTime;

use clap::Args;
use hardtack_jar::{Exported, Imported, Jar, StoredCookie};
use serde_json::json;

use crate::arguments::Input;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::jar::domain_filter::DomainFilter;
use crate::jar::format_name::{FormatName, check_writable};
use crate::jar::import_counts::dropped;
use crate::jar::source::{Source, Text};
use crate::jar::target;
use crate::jar::warnings::{Warnings, lost};
use crate::output::{self, Output, OutputArgs};

/// Remove cookies from a cookie file
///
/// Keeps the other cookies, except expired ones, and the format of the file. For `-` or a pipe, writes the result to
/// standard output.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hardtack jar remove cookies.txt --domain example.com
  hardtack jar remove state.json --domain shop.example --path /cart --name id")]
pub(in crate::jar) struct Remove {
    /// The cookie file, or `-` for standard input
    file: Input,
    /// Only cookies for this host and its subdomains
    #[arg(long)]
    domain: DomainFilter,
    /// Only cookies with this path
    #[arg(long)]
    path: Option<String>,
    /// Only cookies with this name
    #[arg(long)]
    name: Option<String>,
    /// The format of the file. Default: detected from its contents
    #[arg(long, value_name = "FORMAT", value_enum)]
    from: Option<FormatName>,
    /// The URL that an HTTPie session came from, for its cookies without a domain
    #[arg(long = "url", value_name = "URL")]
    origin: Option<String>,
    /// Write the file even if some of its cookies cannot be read; these cookies are lost
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    output_args: OutputArgs,
}

impl Remove {
    pub(in crate::jar) fn run(self) -> Result<Exit, Failure> {
        let now = SystemTime::now();
        let text = Source::of(self.from, self.origin.clone()).read(&self.file, now)?;
        check_writable(text.format)?;
        let mut jar = Jar::new();
        let (removed, exported) = match &self.file {
            Input::File(path) if !target::is_stream(path)? => self.rewrite(path, &text, &mut jar, now)?,
            _ => return self.filter_stream(&text, now),
        };
        Warnings::default().exported(&self.file, text.format, &exported);
        if self.output_args.json {
            Output::new().json(&json!({
                "removed": removed.all(),
                "expired": removed.expired,
                "dropped": removed.dropped,
                "cookies": jar.len(),
                "lost": lost(&exported),
            }))?;
        } else {
            let dropped = dropped(removed.dropped);
            Output::new().line(format_args!("{removed}; {} left in {}{dropped}", jar.len(), self.file))?;
        }
        Ok(Exit::Done)
    }

    /// Removes the matching cookies from a file. If no cookie matches, the file stays unchanged.
    fn rewrite(
        &self,
        path: &Path,
        text: &Text,
        jar: &mut Jar,
        now: SystemTime,
    ) -> Result<(Removed, Exported), Failure> {
        let mut file = target::jar_file(path, text.format, text.origin_context.as_ref());
        if self.force {
            file = file.overwrite_unread();
        }
        let outcome = file.update(jar, now, |jar, imported| {
            Warnings::default().imported(&self.file, imported);
            match self.remove_matching(text, imported, jar) {
                removed if removed.all() == 0 => Err(UpdateError::Nothing),
                removed => Ok(removed),
            }
        });
        outcome.map_err(|error| match error {
            UpdateError::Nothing => self.nothing(),
            UpdateError::Failed(error) => Failure::of_jar(&self.file, &error),
        })
    }

    /// Copies the cookies that do not match from standard input or a pipe to standard output.
    fn filter_stream(&self, text: &Text, now: SystemTime) -> Result<Exit, Failure> {
        if self.output_args.json {
            return Err(Failure::usage("the cookies go to standard output: omit --json"));
        }
        let failed = |error| Failure::of_jar(&self.file, &error);
        let (mut jar, mut warnings) = (Jar::new(), Warnings::default());
        let imported = text.import(&mut jar, now).map_err(failed)?;
        warnings.imported(&self.file, &imported);
        if warnings.count() > 0 && !self.force {
            return Err(Failure::new(
                Exit::Unreadable,
                "cookies that cannot be read would be lost: add --force to leave them out",
            ));
        }
        let removed = self.remove_matching(text, &imported, &mut jar);
        let exported = jar.export_with(text.format, imported.rest(), now).map_err(failed)?;
        warnings.exported(&self.file, text.format, &exported);
        Output::new().bytes(exported.text())?;
        if removed.all() == 0 {
            return Err(self.nothing());
        }
        output::note(format_args!("{removed}; {} left{}", jar.len(), dropped(removed.dropped)));
        Ok(Exit::Done)
    }

    /// Removes the matching cookies from the jar, and returns their number. Expired cookies are not in the jar, and are
    /// never written.
    fn remove_matching(&self, text: &Text, imported: &Imported, jar: &mut Jar) -> Removed {
        let expired = text.expired(imported, jar).iter().filter(|cookie| self.matches(cookie)).count();
        let expired = expired.min(imported.expired());
        let live = jar.retain(|cookie| !self.matches(cookie));
        Removed { live, expired, dropped: imported.expired() - expired }
    }

    fn matches(&self, cookie: &StoredCookie) -> bool {
        self.domain.has(cookie)
            && self.path.as_ref().is_none_or(|path| cookie.path() == path)
            && self.name.as_ref().is_none_or(|name| cookie.name() == name.as_bytes())
    }

    fn nothing(&self) -> Failure {
        Failure::new(
            Exit::NotFound,
            format!("{} has no matching cookie of {}: see `hardtack jar show`", self.file, self.domain),
        )
    }
}

/// The number of cookies that were removed from a file.
struct Removed {
    live: usize,
    expired: usize,
    /// Expired cookies that do not match. They are not written back either.
    dropped: usize,
}

impl Removed {
    fn all(&self) -> usize {
        self.live + self.expired
    }
}

impl fmt::Display for Removed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} removed", self.all())?;
        if self.expired > 0 { write!(f, " ({} expired)", self.expired) } else { Ok(()) }
    }
}

/// The reason why an update left the file unchanged.
enum UpdateError {
    Nothing,
    Failed(hardtack_jar::Error),
}

impl From<hardtack_jar::Error> for UpdateError {
    fn from(error: hardtack_jar::Error) -> Self {
        Self::Failed(error)
    }
}
