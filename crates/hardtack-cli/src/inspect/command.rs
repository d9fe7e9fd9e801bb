use std::time::SystemTime;

use clap::Args;

use super::form::Form;
use super::report::Report;
use super::subject::Subject;
use super::verdict::{Judge, Verdict};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::moment::Moment;
use crate::output::{self, Output};
use crate::secret::KeyArgs;
use crate::settings::SigningArgs;
use crate::span::Span;

/// Take a cookie apart, and say whether a key believes it
///
/// Without --key it says what everybody can see: the layers of a signed session, the form of an encrypted one, the place
/// of a stored one. With --key it says whether the cookie verifies, with which key, and until when.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hardtack inspect eyJhIjoxfQ.ZVPxAA.D3QXMI0ZQYNZDxORB__kVZyT7hk
  hardtack inspect --key env -  < cookie.txt
  hardtack inspect --key file:new --key file:old 'Cookie: session=eyJh…; theme=dark'
  hardtack inspect --url https://shop.example/ 'Set-Cookie: id=1; Path=/; Secure'")]
pub(crate) struct Inspect {
    /// A cookie's value, `name=value`, a whole `Cookie` or `Set-Cookie` header, or `-` for standard input
    // Base64 for URLs may begin with one.
    #[arg(value_name = "COOKIE", allow_hyphen_values = true)]
    cookie: String,
    #[command(flatten)]
    keys: KeyArgs,
    #[command(flatten)]
    settings: SigningArgs,
    /// Of a `Cookie` header, only the cookie of this name
    #[arg(long)]
    name: Option<String>,
    /// How old a signed session may be
    #[arg(long, value_name = "SPAN", default_value = "31d")]
    max_age: Span,
    /// Judge as of this moment: seconds since 1970, or a date. Default: now
    #[arg(long, value_name = "TIME")]
    at: Option<Moment>,
    /// Where a `Set-Cookie` header came from, to say whether browsers keep it
    #[arg(long, default_value = "https://localhost/")]
    url: String,
    #[command(flatten)]
    form: output::Form,
}

impl Inspect {
    pub(crate) fn run(self) -> Result<Exit, Failure> {
        let now = self.at.unwrap_or_else(|| Moment(SystemTime::now()));
        let text = self.text()?;
        let mut subjects = Subject::read(&text);
        if subjects.len() > 1
            && let Some(name) = &self.name
        {
            subjects.retain(|subject| subject.name.as_ref() == Some(name));
        }
        if subjects.is_empty() {
            return Err(Failure::new(
                Exit::NotFound,
                match &self.name {
                    Some(name) => format!("there is no cookie `{}` in it: check --name", output::plain(name)),
                    None => "there is no cookie in it: give its value, or the whole header".to_owned(),
                },
            ));
        }
        let secrets = if self.keys.is_empty() { None } else { Some(self.keys.read()?) };
        let reports = subjects.into_iter().map(|subject| {
            let form = Form::of_purpose(&subject.value, &self.settings.purpose);
            let judge = secrets.as_ref().map(|secrets| Judge {
                secrets,
                settings: &self.settings,
                now: now.seconds(),
                max_age: self.max_age.0.as_secs(),
            });
            let verdict = judge.and_then(|judge| judge.judge(&form, &subject.value));
            Report::new(subject, form, verdict, &self.url, now)
        });
        let reports = reports.collect::<Result<Vec<_>, _>>()?;
        let mut out = Output::new();
        if self.form.json {
            out.json(&reports.iter().map(Report::json).collect::<Vec<_>>())?;
        } else {
            for (place, report) in reports.iter().enumerate() {
                if place > 0 {
                    out.line("")?;
                }
                report.print(&mut out)?;
            }
        }
        Ok(self.exit(&reports))
    }

    fn text(&self) -> Result<String, Failure> {
        if self.cookie != "-" {
            return Ok(self.cookie.clone());
        }
        if self.keys.use_stdin() {
            return Err(Failure::usage(
                "the cookie and the key cannot both come from standard input: put the key into a file",
            ));
        }
        String::from_utf8(input::stdin()?).map_err(|_| {
            Failure::new(Exit::Unreadable, "standard input is no UTF-8 text: give one cookie in it")
        })
    }

    /// Bad is what the keys do not believe; where they believe one cookie of several, the others are none of theirs.
    fn exit(&self, reports: &[Report]) -> Exit {
        let genuine = reports.iter().any(|report| matches!(report.verdict, Some(Verdict::Genuine(_))));
        let refused = reports.iter().any(|report| matches!(report.verdict, Some(Verdict::Refused { .. })));
        let unknown = reports.iter().all(|report| matches!(report.form, Form::Unknown));
        let is_line = reports.iter().any(|report| report.subject.line.is_some());
        if refused && !genuine || unknown && !is_line { Exit::Judged } else { Exit::Done }
    }
}
