use std::time::SystemTime;

use clap::Args;
use hardtack_jar::{Attribute, Exported, Format, Jar, JarFile};
use serde_json::json;

use super::complaints::{self, Complaints};
use super::domain::Domain;
use super::form;
use super::format::FormatName;
use super::source::Source;
use crate::destination::Destination;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input::Input;
use crate::output::{self, Output};

/// Write the cookies of a file in another format
///
/// Anyone who reads the outcome is logged in wherever its owner is. A file that --output names can be read by its owner
/// only, and is replaced as a whole.
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
        if self.json && self.output == Destination::Stdout {
            return Err(Failure::usage("standard output gets the cookies: add --output FILE to --json"));
        }
        let (mut jar, mut complaints) = (Jar::new(), Complaints::default());
        let text = self.source.read(&self.file, now)?;
        let imported = text.import(&mut jar, now).map_err(|error| Failure::of_jar(&self.file, &error))?;
        complaints.imported(&self.file, &imported);
        if let Some(domain) = &self.domain {
            jar.retain(|cookie| domain.has(cookie));
        }
        let exported = match &self.output {
            Destination::File(path) => JarFile::new(path, to).save(&jar, now),
            // The rest of the file concerns all domains.
            Destination::Stdout if text.format == to && self.domain.is_none() => {
                jar.export_with(to, imported.rest(), now)
            }
            Destination::Stdout => jar.export(to, now),
        };
        let exported = exported.map_err(|error| Failure::of_jar(&self.output, &error))?;
        complaints.exported(&self.output, &exported);
        tell_lost(to, &exported);
        let written = jar.len() - exported.left_out().len();
        let left_out = complaints.count();
        let mut out = Output::new();
        if self.output == Destination::Stdout {
            out.bytes(exported.text())?;
        } else if self.json {
            let lost =
                exported.lost().iter().map(|(attribute, count)| (attribute.name().to_owned(), json!(count)));
            let reasons = imported.left_out().iter().chain(exported.left_out()).map(complaints::sentence);
            out.json(&json!({
                "written": written,
                "expired": imported.expired(),
                "left_out": left_out,
                "reasons": reasons.collect::<Vec<_>>(),
                "lost": lost.collect::<serde_json::Map<_, _>>(),
            }))?;
        } else {
            let expired = imported.expired();
            out.line(format_args!(
                "{written} written to {}, {expired} expired, {left_out} left out",
                self.output
            ))?;
        }
        Ok(complaints.exit())
    }
}

/// Reports dropped attributes that a site may notice. Almost every format drops the times.
fn tell_lost(format: Format, exported: &Exported) {
    for (attribute, count) in exported.lost() {
        if matches!(attribute, Attribute::HttpOnly | Attribute::SameSite | Attribute::Partition) {
            let cookies = if *count == 1 { "1 cookie".to_owned() } else { format!("{count} cookies") };
            output::note(format_args!(
                "the format {format} has no place for {attribute}, which {cookies} had"
            ));
        }
    }
}
