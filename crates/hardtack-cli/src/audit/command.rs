use std::time::SystemTime;

use clap::{Args, ValueEnum};
use hardtack_jar::{Jar, Severity};

use super::probe::probe;
use super::report::Report;
use super::target::targets;
use super::visitor::{Certificates, Visitor};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input::Input;
use crate::jar::{Complaints, Source};
use crate::output::{self, Form, Output};
use crate::progress::Progress;
use crate::span::Span;

/// Judge the cookies that a site sets
///
/// Fetches each page as a browser does, with a cookie jar and through all redirects, and says of each cookie whether
/// browsers keep it and what could be safer. It only asks for pages (GET), as a visitor does.
///
/// A page that cannot be reached does not stop the audit: it is named with the reason, and the exit status is 4.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hardtack audit https://example.com/
  hardtack audit https://example.com --path / --path /login --fail-on error
  hardtack audit localhost:5000 --probe --json
  hardtack audit https://example.com/account --jar logged_in.json")]
pub(crate) struct Audit {
    /// The pages
    #[arg(value_name = "URL", required = true)]
    urls: Vec<String>,
    /// A path to look at on each host, instead of the URL's own. Can be given again
    #[arg(long = "path", value_name = "PATH")]
    paths: Vec<String>,
    /// How bad a finding makes it fail
    #[arg(long, value_name = "LEVEL", value_enum, default_value_t)]
    fail_on: Level,
    /// The name of a cookie that is a session, whatever it looks like. Can be given again
    #[arg(long = "session", value_name = "NAME")]
    sessions: Vec<String>,
    /// A file with the cookies to begin with, such as those of a user who is logged in, or `-` for standard input
    #[arg(long, value_name = "FILE")]
    jar: Option<Input>,
    /// Visit each page three more times as a stranger, the last time with an id that the site has not made: whether
    /// sessions differ, and whether one can be planted
    #[arg(long)]
    probe: bool,
    /// Take any certificate, as of a server on this machine
    #[arg(long)]
    insecure: bool,
    /// How long to wait for each page
    #[arg(long, value_name = "SPAN", default_value = "30s")]
    timeout: Span,
    #[command(flatten)]
    form: Form,
}

/// The lowest severity that makes an audit fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Level {
    /// Anything that could be better
    Notice,
    /// A protection that is missing
    #[default]
    Warning,
    /// A cookie that browsers drop, or a session that strangers can come by
    Error,
    /// Nothing
    Never,
}

impl Audit {
    pub(crate) async fn run(self) -> Result<Exit, Failure> {
        let targets = targets(&self.urls, &self.paths)?;
        let (mut jar, mut complaints, mut left_out) = (Jar::new(), Complaints::default(), Vec::new());
        if let Some(file) = &self.jar {
            let now = SystemTime::now();
            // Saved headers do not record their origin. They are assumed to come from the audited site.
            let text = Source::of_site(&targets[0]).read(file, now)?;
            let imported = text.import(&mut jar, now).map_err(|error| Failure::of_jar(file, &error))?;
            complaints.imported(file, &imported);
            left_out.extend(imported.left_out().iter().map(ToString::to_string));
            if imported.expired() > 0 {
                output::note(format_args!("{file}: {} of its cookies have expired", imported.expired()));
            }
        }
        let certificates = if self.insecure { Certificates::Unchecked } else { Certificates::Checked };
        let mut visitor = Visitor::new(jar, self.sessions, certificates, self.timeout.0)?;
        let progress = Progress::of(targets.len(), "pages");
        let (mut pages, mut unreached) = (Vec::new(), Vec::new());
        for target in &targets {
            let mut visit = visitor.visit(target).await;
            if let Some(page) = visit.pages.first_mut().filter(|_| self.probe && visit.unreached.is_none()) {
                match probe(&visitor, target).await {
                    Ok(findings) => page.findings.extend(findings),
                    Err(failed) => visit.unreached = Some(failed),
                }
            }
            pages.extend(visit.pages);
            unreached.extend(visit.unreached);
            progress.advance(1);
        }
        drop(progress);
        let report = Report::new(pages, unreached);
        let failed = self.fail_on.severity().is_some_and(|least| report.worst() >= Some(least));
        let mut out = Output::new();
        if self.form.json {
            let mut json = report.json(failed);
            json["left_out"] = left_out.into();
            out.json(&json)?;
        } else {
            report.print(&mut out)?;
        }
        // An incomplete audit gives no verdict: the pages that were not reached may be worse.
        Ok(match () {
            () if !report.is_complete() => Exit::Unreachable,
            () if failed || complaints.count() > 0 => Exit::Judged,
            () => Exit::Done,
        })
    }
}

impl Level {
    fn severity(self) -> Option<Severity> {
        match self {
            Self::Notice => Some(Severity::Notice),
            Self::Warning => Some(Severity::Warning),
            Self::Error => Some(Severity::Error),
            Self::Never => None,
        }
    }
}
