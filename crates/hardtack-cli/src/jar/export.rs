use std::path::PathBuf;
use std::time::SystemTime;

use clap::Args;
use hardtack_jar::{Jar, JarFile};
use serde_json::json;

use super::format::FormatName;
use super::reading::{about, read, tell};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input::Input;
use crate::output::Output;

/// Write the cookies of a file in another form
///
/// Whoever reads the outcome is logged in wherever its owner is. A file that --output names is its owner's alone, and
/// never torn.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hardtack jar export jar.json --to netscape --output cookies.txt
  curl --cookie <(hardtack jar export state.json --to netscape) https://example.com/")]
pub(super) struct Export {
    /// The file, or `-` for standard input
    file: Input,
    /// The form that is wanted
    #[arg(long, value_name = "FORMAT", value_enum)]
    to: FormatName,
    /// The form of the file. Default: as it looks
    #[arg(long, value_enum)]
    format: Option<FormatName>,
    /// Where to write it. Default: standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Print JSON about what was written, for programs
    #[arg(long, requires = "output")]
    json: bool,
}

impl Export {
    pub(super) fn run(self) -> Result<Exit, Failure> {
        let now = SystemTime::now();
        let mut jar = Jar::new();
        let imported = read(&mut jar, &self.file, self.format.map(Into::into), now)?;
        let mut exit = tell(&self.file.to_string(), imported.left_out());
        let target = self
            .output
            .as_ref()
            .map_or_else(|| "standard output".to_owned(), |path| path.display().to_string());
        let exported = match &self.output {
            Some(path) => JarFile::new(path, self.to.into()).save(&jar, now),
            None => jar.export_with(self.to.into(), imported.rest(), now),
        };
        let exported = exported.map_err(|error| about(&target, &error))?;
        if tell(&target, exported.left_out()) == Exit::Judged {
            exit = Exit::Judged;
        }
        let mut out = Output::new();
        let left_out = imported.left_out().len() + exported.left_out().len();
        let written = jar.len() - exported.left_out().len();
        if self.output.is_none() {
            out.bytes(exported.text())?;
        } else if self.json {
            out.json(&json!({ "written": written, "left_out": left_out }))?;
        } else {
            out.line(format_args!("{written} written to {target}, {left_out} left out"))?;
        }
        Ok(exit)
    }
}
