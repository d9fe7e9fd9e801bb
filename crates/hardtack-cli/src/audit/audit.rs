use std::time::SystemTime;

use clap::{Args, ValueEnum};
use hardtack_jar::{Jar, Severity};

use super::audit_report::AuditReport;
use super::probe::probe;
use super::target::targets;
use super::visitor::{Certificates, Visitor};
use crate::arguments::{Input, Span};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::jar::{Source, Warnings};
use crate::output::{self, Output, OutputArgs, Progress};

/// Audit the cookies that a site sets
///
/// Fetches each page as a browser does, with a cookie jar and through all redirects. Reports for each cookie whether
/// browsers accept it, and how to make it safer. Sends only GET requests.
///
/// If a page cannot be reached, the audit reports the reason, continues with the other pages, and exits with 4.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hardtack audit https://example.com/
  hardtack audit https://example.com --path / --path /login --fail-on error
  hardtack audit localhost:5000 --probe --json
  hardtack audit https://example.com/account --jar logged_in.json")]
pub(crate) struct Audit {
    /// The URLs of the pages
    #[arg(value_name = "URL", required = true)]
    urls: Vec<String>,
    /// A path to fetch from each host, instead of the URL's own path. Can be repeated
    #[arg(long = "path", value_name = "PATH")]
    paths: Vec<String>,
    /// The lowest severity of a finding that makes the audit fail
    #[arg(long, value_name = "LEVEL", value_enum, default_value_t)]
    fail_on: Level,
    /// The name of a cookie to treat as a session. Can be repeated
    #[arg(long = "session", value_name = "NAME")]
    sessions: Vec<String>,
    /// A cookie file to start with, such as the cookies of a logged-in user, or `-` for standard input
    #[arg(long, value_name = "FILE")]
    jar: Option<Input>,
    /// Also check for shared sessions and session fixation: visit each page three more times as a new visitor, the last
    /// time with a session id that the site did not create
    #[arg(long)]
    probe: bool,
    /// Accept any TLS certificate, such as the self-signed certificate of a server on this machine
    #[arg(long)]
    insecure: bool,
    /// The maximum time to wait for each page
    #[arg(long, value_name = "SPAN", default_value = "30s")]
    timeout: Span,
    #[command(flatten)]
    output_args: OutputArgs,
}

/// The lowest severity that makes an audit fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Level {
    /// A possible improvement
    Notice,
    /// A missing protection
    #[default]
    Warning,
    /// A cookie that browsers refuse, or a session that attackers can obtain
    Error,
    /// Never fail because of findings
    Never,
}

impl Audit {
    pub(crate) async fn run(self) -> Result<Exit, Failure> {
        let targets = targets(&self.urls, &self.paths)?;
        let (mut jar, mut warnings, mut left_out) = (Jar::new(), Warnings::default(), Vec::new());
        if let Some(file) = &self.jar {
            let now = SystemTime::now();
            // Saved headers do not record which site sent them. They are assumed to come from the first page.
            let text = Source::of_site(&targets[0]).read(file, now)?;
            let imported = text.import(&mut jar, now).map_err(|error| Failure::of_jar(file, &error))?;
            warnings.imported(file, &imported);
            left_out.extend(imported.left_out().iter().map(ToString::to_string));
            match imported.expired() {
                0 => {}
                1 => output::note(format_args!("{file}: 1 expired cookie was ignored")),
                expired => output::note(format_args!("{file}: {expired} expired cookies were ignored")),
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
        let report = AuditReport::new(pages, unreached);
        let failed = self.fail_on.severity().is_some_and(|least| report.worst() >= Some(least));
        let mut out = Output::new();
        if self.output_args.json {
            let mut json = report.json(failed);
            json["left_out"] = left_out.into();
            out.json(&json)?;
        } else {
            report.print(&mut out)?;
        }
        // An incomplete audit has no verdict, because the pages that were not reached may have worse findings.
        Ok(match () {
            () if !report.is_complete() => Exit::Unreachable,
            () if failed || warnings.count() > 0 => Exit::Negative,
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
