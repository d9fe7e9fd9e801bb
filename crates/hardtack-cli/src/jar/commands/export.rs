use std::time::SystemTime;

use clap::Args;
use hardtack_jar::Jar;
use serde_json::json;

use crate::arguments::{Destination, Input};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::jar::domain_filter::DomainFilter;
use crate::jar::format_name::{FormatName, check_writable, format_of_new, is_dialect};
use crate::jar::messages::message;
use crate::jar::source::Source;
use crate::jar::target::{self, Target};
use crate::jar::warnings::{Warnings, lost};
use crate::output::{self, Output};

/// Convert a cookie file to another format
///
/// Anyone who can read the output can use the logins in it. The --output file is readable only by its owner, and is
/// replaced atomically. An existing file is not replaced if it is not a jar or if some of its cookies cannot be read,
/// unless --force is given.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hardtack jar export jar.json --output cookies.txt
  hardtack jar export cookies.txt --to playwright --domain example.com --output state.json
  curl --cookie <(hardtack jar export state.json --to netscape) https://example.com/")]
pub(in crate::jar) struct Export {
    /// The cookie file, or `-` for standard input
    file: Input,
    /// The format to write. Default: `netscape` for a .txt file, `whole` for a .json file
    #[arg(long, value_name = "FORMAT", value_enum)]
    to: Option<FormatName>,
    /// The file to write, or `-` for standard output
    #[arg(long, value_name = "FILE", default_value = "-")]
    output: Destination,
    /// Only cookies for this host and its subdomains
    #[arg(long)]
    domain: Option<DomainFilter>,
    #[command(flatten)]
    source: Source,
    /// Replace the file even if it is not a jar, or if some of its cookies cannot be read; these cookies are lost
    #[arg(long)]
    force: bool,
    /// Print the summary as JSON
    #[arg(long)]
    json: bool,
}

impl Export {
    pub(in crate::jar) fn run(self) -> Result<Exit, Failure> {
        let now = SystemTime::now();
        let to = format_of_new(self.to, &self.output).ok_or_else(|| {
            Failure::usage(format!("no format is given for {}: add --to, such as --to netscape", self.output))
        })?;
        check_writable(to)?;
        let target = Target::of(&self.output)?;
        target.check_json(self.json)?;
        let (mut jar, mut warnings) = (Jar::new(), Warnings::default());
        let text = self.source.read(&self.file, now)?;
        let imported = text.import(&mut jar, now).map_err(|error| Failure::of_jar(&self.file, &error))?;
        warnings.imported(&self.file, &imported);
        if let Some(domain) = &self.domain {
            jar.retain(|cookie| domain.has(cookie));
        }
        // With `--domain`, the rest of the file is dropped, because it may concern other domains.
        let keeps_rest = is_dialect(text.format, to) && self.domain.is_none();
        let rest = imported.rest().filter(|_| keeps_rest);
        let exported = match &target {
            Target::Stdout => jar.export_with(to, rest, now),
            Target::Stream(path) | Target::File(path) => {
                let mut file = target::jar_file(path, to, text.origin_context.as_ref());
                if self.force {
                    file = file.overwrite_unread();
                }
                file.replace(&jar, rest, now)
            }
        };
        let exported = exported.map_err(|error| Failure::of_jar(&target, &error))?;
        let dropped_rest = if keeps_rest { None } else { text.name_of_rest(&imported) };
        if let Some(what) = dropped_rest {
            output::note(format_args!("{}: only the cookies were written, without {what}", self.file));
        }
        warnings.exported(&target, to, &exported);
        let written = jar.len() - exported.left_out().len();
        let left_out = warnings.count();
        if target == Target::Stdout {
            Output::new().bytes(exported.text())?;
        } else if self.json {
            let reasons = imported.left_out().iter().chain(exported.left_out()).map(message);
            Output::new().json(&json!({
                "written": written,
                "expired": imported.expired(),
                "left_out": left_out,
                "reasons": reasons.collect::<Vec<_>>(),
                "lost": lost(&exported),
                "dropped": dropped_rest,
            }))?;
        } else {
            let expired = imported.expired();
            target.summarize(format_args!(
                "{written} written to {target}, {expired} expired, {left_out} left out"
            ))?;
        }
        Ok(warnings.exit())
    }
}
