use std::fs;
use std::io;
use std::time::SystemTime;

use clap::Args;
use hardtack_jar::{Error, Exported, Format, Imported, Jar, JarFile, StoredCookie};
use serde_json::Value as Json;

use crate::arguments::{Destination, Input};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::jar::format_name::{FormatName, check_writable, format_of_new, is_dialect};
use crate::jar::import_counts::{ImportCounts, dropped};
use crate::jar::messages::message;
use crate::jar::source::{Source, Text};
use crate::jar::target::{self, Target};
use crate::jar::warnings::{Warnings, lost};
use crate::output::{self, Output, OutputArgs};

/// Merge cookie files into a jar
///
/// A cookie in the jar is replaced only by a newer one with the same name, domain, and path. If some cookies in the jar
/// cannot be read, the jar is not changed unless --force is given. The jar's file is readable only by its owner, and
/// concurrent imports lose nothing.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hardtack jar import cookies.txt --output jar.json
  hardtack jar import recording.har state.json --output cookies.txt
  curl -i https://example.com/ | hardtack jar import - --url https://example.com/ --output jar.json")]
pub(in crate::jar) struct Import {
    /// The cookie files, or `-` for standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<Input>,
    /// The jar (created if it does not exist), or `-` for standard output
    #[arg(long, value_name = "JAR")]
    output: Destination,
    /// The format of the jar. Default: its current format; for a new jar, `netscape` if its name ends in .txt,
    /// otherwise `whole`
    #[arg(long, value_name = "FORMAT", value_enum)]
    to: Option<FormatName>,
    #[command(flatten)]
    source: Source,
    /// Write the jar even if some of its cookies cannot be read; these cookies are lost
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    output_args: OutputArgs,
}

impl Import {
    pub(in crate::jar) fn run(self) -> Result<Exit, Failure> {
        let now = SystemTime::now();
        let target = Target::of(&self.output)?;
        target.check_json(self.output_args.json)?;
        let to = check_writable(self.format(&target)?)?;
        // All files are read before the jar is locked, because a pipe may be slow.
        let texts = self.source.read_all(&self.files, now)?;
        let (mut jar, mut warnings) = (Jar::new(), Warnings::default());
        let failed = |error: Error| Failure::of_jar(&target, &error);
        let mut not_rewritten = NotRewritten::default();
        let (files, exported) = match &target {
            Target::Stdout => {
                let files = self.import_all(&mut jar, &texts, now)?;
                (files, jar.export(to, now).map_err(failed)?)
            }
            Target::Stream(path) => {
                let files = self.import_all(&mut jar, &texts, now)?;
                (files, JarFile::new(path, to).save(&jar, now).map_err(failed)?)
            }
            Target::File(path) => {
                let mut file = target::jar_file(path, to, self.source.origin_context()?.as_ref());
                if self.force {
                    file = file.overwrite_unread();
                }
                let updated = file.update(&mut jar, now, |jar, imported| {
                    warnings.imported(&target, imported);
                    not_rewritten = NotRewritten::of(imported);
                    self.import_all(jar, &texts, now).map_err(UpdateError::Input)
                });
                updated.map_err(|error| match error {
                    UpdateError::Input(failure) => failure,
                    UpdateError::Jar(error) => failed(error),
                })?
            }
        };
        let files: Vec<_> =
            texts.iter().zip(files).map(|(text, imported)| ImportedFile::of(text, imported)).collect();
        for (name, file) in self.files.iter().zip(&files) {
            warnings.imported(name, &file.imported);
            if let Some(what) = file.dropped {
                output::note(format_args!("{name}: only the cookies were imported, without {what}"));
            }
        }
        warnings.exported(&target, to, &exported);
        if target == Target::Stdout {
            Output::new().bytes(exported.text())?;
        }
        let cookies =
            jar.iter().filter(|cookie| !is_expired(cookie, now)).count() - exported.left_out().len();
        let mut all = ImportCounts::default();
        files.iter().for_each(|file| all.add(&ImportCounts::of(&file.imported)));
        all.refuse(exported.left_out().len());
        all.left_out = warnings.count();
        if self.output_args.json {
            Output::new().json(&self.json(
                &all,
                &not_rewritten,
                &files,
                &exported,
                cookies,
                jar.evicted(),
            ))?;
        } else {
            let evicted = jar.evicted();
            let evicted = if evicted == 0 { String::new() } else { format!(", {evicted} evicted") };
            let noun = if cookies == 1 { "cookie" } else { "cookies" };
            let dropped = dropped(not_rewritten.expired);
            target.summarize(format_args!("{all}{evicted}; {cookies} {noun} in {target}{dropped}"))?;
        }
        Ok(warnings.exit())
    }

    /// Imports the cookies from all files, in the order of the command line.
    fn import_all(&self, jar: &mut Jar, texts: &[Text], now: SystemTime) -> Result<Vec<Imported>, Failure> {
        let files = self.files.iter().zip(texts);
        files
            .map(|(file, text)| text.import(jar, now).map_err(|error| Failure::of_jar(file, &error)))
            .collect()
    }

    fn json(
        &self,
        all: &ImportCounts,
        not_rewritten: &NotRewritten,
        files: &[ImportedFile],
        exported: &Exported,
        cookies: usize,
        evicted: u64,
    ) -> Json {
        let mut json = all.json();
        json["evicted"] = evicted.into();
        json["cookies"] = cookies.into();
        json["dropped"] = not_rewritten.expired.into();
        // These cookies are not in the total `taken`, but they are in the `taken` of each file.
        json["unwritable"] = exported.left_out().len().into();
        let unwritable = exported.left_out().iter().map(message);
        json["reasons"] = not_rewritten.reasons.iter().cloned().chain(unwritable).collect();
        json["lost"] = lost(exported).into();
        let about = |(name, file): (&Input, &ImportedFile)| {
            let imported = &file.imported;
            let mut json = ImportCounts::of(imported).json();
            json["file"] = name.to_string().into();
            json["reasons"] = imported.left_out().iter().map(message).collect();
            json["changes"] = imported.adjusted().iter().map(ToString::to_string).collect();
            json["dropped"] = file.dropped.into();
            json
        };
        json["files"] = self.files.iter().zip(files).map(about).collect::<Vec<Json>>().into();
        json
    }

    /// Returns the format in which the jar is written. An existing jar keeps its format, or changes to a dialect of it.
    fn format(&self, target: &Target) -> Result<Format, Failure> {
        let new = || format_of_new(self.to, &self.output).unwrap_or(Format::Whole);
        let Target::File(path) = target else { return Ok(new()) };
        let text = match fs::read(path) {
            Ok(text) if !text.trim_ascii().is_empty() => text,
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Failure::writing(&target.to_string(), &error));
            }
            _ => return Ok(new()),
        };
        let known = Format::detect(&text).map_err(|error| Failure::of_jar(target, &error))?;
        match self.to.map(Format::from) {
            None => Ok(known),
            Some(to) if is_dialect(known, to) => Ok(to),
            Some(to) => Err(Failure::usage(format!(
                "{target} is in the format {known}, not {to}: omit --to, or convert it with `hardtack jar export`"
            ))),
        }
    }
}

/// A file whose cookies were imported into the jar.
struct ImportedFile {
    imported: Imported,
    /// A description of what the file contains besides cookies, which is not imported.
    dropped: Option<&'static str>,
}

impl ImportedFile {
    fn of(text: &Text, imported: Imported) -> Self {
        let dropped = text.name_of_rest(&imported);
        Self { imported, dropped }
    }
}

/// The cookies in the jar's file that are not written back.
#[derive(Default)]
struct NotRewritten {
    expired: usize,
    /// The reasons why cookies were left out.
    reasons: Vec<String>,
}

impl NotRewritten {
    fn of(imported: &Imported) -> Self {
        let reasons = imported.left_out().iter().map(message).collect();
        Self { expired: imported.expired(), reasons }
    }
}

fn is_expired(cookie: &StoredCookie, now: SystemTime) -> bool {
    cookie.expires().is_some_and(|expires| expires <= now)
}

/// The reason why an update left the jar unchanged.
enum UpdateError {
    Input(Failure),
    Jar(Error),
}

impl From<Error> for UpdateError {
    fn from(error: Error) -> Self {
        Self::Jar(error)
    }
}
