use std::time::SystemTime;

use clap::Args;
use hardtack_jar::Jar;
use serde_json::json;

use super::complaints::{self, Complaints};
use super::domain::Domain;
use super::form;
use super::format::FormatName;
use super::rest;
use super::source::Source;
use super::target::{self, Target};
use crate::destination::Destination;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input::Input;
use crate::output::{self, Output};

/// Write the cookies of a file in another format
///
/// Anyone who reads the outcome is logged in wherever its owner is. A file that --output names can be read by its owner
/// only, and is replaced as a whole. A file that is not a jar, or whose cookies cannot all be read, stays as it is, unless
/// --force is given.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hardtack jar export jar.json --output cookies.txt
  hardtack jar export cookies.txt --to playwright --domain example.com --output state.json
  curl --cookie <(hardtack jar export state.json --to netscape) https://example.com/")]
pub(super) struct Export {
    /// The file of cookies, or `-` for standard input
    file: Input,
    /// The format to write. Default: `netscape` for a file that ends with .txt, `whole` for one that ends with .json
    #[arg(long, value_name = "FORMAT", value_enum)]
    to: Option<FormatName>,
    /// The file to write, or `-` for standard output
    #[arg(long, value_name = "FILE", default_value = "-")]
    output: Destination,
    /// Only cookies of this host and of the domains under it
    #[arg(long)]
    domain: Option<Domain>,
    #[command(flatten)]
    source: Source,
    /// Replace the file although it is not a jar, or some of its cookies cannot be read: they are lost
    #[arg(long)]
    force: bool,
    /// Print JSON about what was written, for programs
    #[arg(long)]
    json: bool,
}

impl Export {
    pub(super) fn run(self) -> Result<Exit, Failure> {
        let now = SystemTime::now();
        let to = form::of_new(self.to, &self.output).ok_or_else(|| {
            Failure::usage(format!(
                "which format {} gets is not known: add --to, as in --to netscape",
                self.output
            ))
        })?;
        form::check_writable(to)?;
        let target = Target::of(&self.output)?;
        target.check_json(self.json)?;
        let (mut jar, mut complaints) = (Jar::new(), Complaints::default());
        let text = self.source.read(&self.file, now)?;
        let imported = text.import(&mut jar, now).map_err(|error| Failure::of_jar(&self.file, &error))?;
        complaints.imported(&self.file, &imported);
        if let Some(domain) = &self.domain {
            jar.retain(|cookie| domain.has(cookie));
        }
        // The rest of the file concerns all domains.
        let keeps_rest = form::is_dialect(text.format, to) && self.domain.is_none();
        let rest = imported.rest().filter(|_| keeps_rest);
        let exported = match &target {
            Target::Stdout => jar.export_with(to, rest, now),
            Target::Stream(path) | Target::File(path) => {
                let mut file = target::jar_file(path, to, text.access.as_ref());
                if self.force {
                    file = file.overwrite_unread();
                }
                file.replace(&jar, rest, now)
            }
        };
        let exported = exported.map_err(|error| Failure::of_jar(&target, &error))?;
        let dropped_rest =
            imported.rest().filter(|_| !keeps_rest).and_then(|rest| rest::of(text.format, rest));
        if let Some(what) = dropped_rest {
            output::note(format_args!("{}: only the cookies were written, without {what}", self.file));
        }
        complaints.exported(&target, to, &exported);
        let written = jar.len() - exported.left_out().len();
        let left_out = complaints.count();
        if target == Target::Stdout {
            Output::new().bytes(exported.text())?;
        } else if self.json {
            let reasons = imported.left_out().iter().chain(exported.left_out()).map(complaints::sentence);
            Output::new().json(&json!({
                "written": written,
                "expired": imported.expired(),
                "left_out": left_out,
                "reasons": reasons.collect::<Vec<_>>(),
                "lost": complaints::lost(&exported),
                "dropped": dropped_rest,
            }))?;
        } else {
            let expired = imported.expired();
            target.summarize(format_args!(
                "{written} written to {target}, {expired} expired, {left_out} left out"
            ))?;
        }
        Ok(complaints.exit())
    }
}
