use std::fs;
use std::path::PathBuf;
use std::time::SystemTime;

use clap::Args;
use hardtack_jar::{Format, Jar, JarFile};
use serde_json::json;

use super::format::FormatName;
use super::reading::{about, read, tell};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input::Input;
use crate::output::{Form, Output};

/// Take the cookies of other files into a jar
///
/// What is in the jar stays, unless a cookie of the same place comes. The jar's file is its owner's alone, and never
/// torn.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hardtack jar import cookies.txt --into jar.json
  hardtack jar import recording.har --into cookies.txt --as netscape")]
pub(super) struct Import {
    /// The files, or `-` for standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<Input>,
    /// The jar, which is made if it is not there
    #[arg(long, value_name = "JAR")]
    into: PathBuf,
    /// The form of the files. Default: as each looks
    #[arg(long, value_enum)]
    format: Option<FormatName>,
    /// The form of the jar. Default: the one that it has, or else `whole`
    #[arg(long = "as", value_name = "FORMAT", value_enum)]
    form_of_jar: Option<FormatName>,
    #[command(flatten)]
    form: Form,
}

impl Import {
    pub(super) fn run(self) -> Result<Exit, Failure> {
        let now = SystemTime::now();
        let shown = self.into.display().to_string();
        let file = JarFile::new(&self.into, self.form_of_jar()?);
        let mut jar = Jar::new();
        let mut exit = match Input::File(self.into.clone()) {
            known if self.into.exists() => tell(&shown, read(&mut jar, &known, None, now)?.left_out()),
            _ => Exit::Done,
        };
        let (mut taken, mut expired, mut left_out) = (0, 0, 0);
        for input in &self.files {
            let imported = read(&mut jar, input, self.format.map(Into::into), now)?;
            taken += imported.taken();
            expired += imported.expired();
            left_out += imported.left_out().len();
            if tell(&input.to_string(), imported.left_out()) == Exit::Judged {
                exit = Exit::Judged;
            }
        }
        let saved = file.save(&jar, now).map_err(|error| about(&shown, &error))?;
        if tell(&shown, saved.left_out()) == Exit::Judged {
            exit = Exit::Judged;
        }
        let mut out = Output::new();
        if self.form.json {
            out.json(
                &json!({ "taken": taken, "expired": expired, "left_out": left_out, "cookies": jar.len() }),
            )?;
        } else {
            out.line(format_args!(
                "{taken} taken, {expired} expired, {left_out} left out; {} in {shown}",
                jar.len()
            ))?;
        }
        Ok(exit)
    }

    fn form_of_jar(&self) -> Result<Format, Failure> {
        if let Some(name) = self.form_of_jar {
            return Ok(name.into());
        }
        match fs::read(&self.into) {
            Ok(text) => {
                Format::detect(&text).map_err(|error| about(&self.into.display().to_string(), &error))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Format::Whole),
            Err(error) => Err(Failure::reading(&self.into.display().to_string(), &error)),
        }
    }
}
