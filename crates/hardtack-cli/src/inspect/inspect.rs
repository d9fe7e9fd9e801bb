use std::time::SystemTime;

use clap::Args;
use hardtack_jar::RequestContext;
use url::Url;

use super::cookie_format::CookieFormat;
use super::cookie_report::CookieReport;
use super::parse::parse;
use super::verification::{Verification, Verifier};
use crate::arguments::{KeyArgs, SigningArgs, Span, Timestamp, read_stdin};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Output, OutputArgs, plain};

/// Decode a cookie, and verify it with keys
///
/// Without --key, shows what anyone can see: the layers of a signed session, the format of an encrypted one, or the
/// store key of a stored one. With --key, shows whether the cookie verifies, with which key, and when it expires. For a
/// `Set-Cookie` header, reports whether browsers accept it, and how to make it safer.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hardtack inspect eyJhIjoxfQ.ZVPxAA.D3QXMI0ZQYNZDxORB__kVZyT7hk
  hardtack inspect --key env -  < cookie.txt
  hardtack inspect --key file:new --key file:old 'Cookie: session=eyJh…; theme=dark'
  hardtack inspect --url https://shop.example/ 'Set-Cookie: id=1; Path=/; Secure'
  curl -iL https://shop.example/ | hardtack inspect --url https://shop.example/ -
  curl -vL https://shop.example/ 2>&1 | hardtack inspect -")]
pub(crate) struct Inspect {
    /// A cookie value, `name=value`, a `Cookie` or `Set-Cookie` header, the headers of a response, or `-` for standard
    /// input. The output of `curl -i` and `curl -v` is accepted, including redirects
    // A value in URL-safe base64 may start with a hyphen.
    #[arg(value_name = "COOKIE", allow_hyphen_values = true)]
    cookie: String,
    #[command(flatten)]
    keys: KeyArgs,
    #[command(flatten)]
    settings: SigningArgs,
    /// If there are several cookies, inspect only those with this name
    #[arg(long)]
    name: Option<String>,
    /// The maximum age of a signed session
    #[arg(long, value_name = "SPAN", default_value = "31d")]
    max_age: Span,
    /// The time of the check: seconds since 1970, or a date. Default: now
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    /// The URL of the first response, used to check whether browsers accept its cookies. Default: the URL in the input,
    /// or else the cookie's own domain over https
    #[arg(long)]
    url: Option<String>,
    #[command(flatten)]
    output_args: OutputArgs,
}

impl Inspect {
    pub(crate) fn run(self) -> Result<Exit, Failure> {
        let now = self.at.unwrap_or_else(|| Timestamp(SystemTime::now()));
        let url = self.url.as_deref().map(read_url).transpose()?;
        let mut subjects = parse(&self.text()?, url.as_ref())?;
        if subjects.len() > 1
            && let Some(name) = &self.name
        {
            subjects.retain(|subject| subject.name.as_ref() == Some(name));
        }
        if subjects.is_empty() {
            return Err(Failure::new(
                Exit::NotFound,
                match &self.name {
                    Some(name) => {
                        format!("the input has no cookie named `{}`: check --name", plain(name))
                    }
                    None => "the input has no cookie: pass a value, a header, or the output of `curl -i`"
                        .to_owned(),
                },
            ));
        }
        let secrets = if self.keys.is_empty() { None } else { Some(self.keys.read()?) };
        let reports = subjects.into_iter().map(|subject| {
            let format = CookieFormat::of_purpose(&subject.value, &self.settings.purpose);
            let verifier = secrets.as_ref().map(|secrets| Verifier {
                secrets,
                settings: &self.settings,
                now: now.seconds(),
                max_age: self.max_age.0.as_secs(),
            });
            let verification = verifier.and_then(|verifier| verifier.verify(&format, &subject.value));
            CookieReport::new(subject, format, verification, now)
        });
        let reports = reports.collect::<Result<Vec<_>, _>>()?;
        let mut out = Output::new();
        if self.output_args.json {
            out.json(&reports.iter().map(CookieReport::json).collect::<Vec<_>>())?;
        } else {
            for (index, report) in reports.iter().enumerate() {
                if index > 0 {
                    out.line("")?;
                }
                report.print(&mut out)?;
            }
        }
        Ok(self.exit(&reports))
    }

    fn text(&self) -> Result<Vec<u8>, Failure> {
        if self.cookie != "-" {
            return Ok(self.cookie.clone().into_bytes());
        }
        if self.keys.use_stdin() {
            return Err(Failure::usage(
                "the cookie and the key cannot both come from standard input: put the key in a file",
            ));
        }
        read_stdin()
    }

    /// Returns the exit status. The result is negative in three cases: the keys reject a cookie and accept no other
    /// one; browsers refuse a cookie; or none of the cookies is a session. The third case does not apply to
    /// `Set-Cookie` headers, because a site may set any cookie.
    fn exit(&self, reports: &[CookieReport]) -> Exit {
        let verified =
            reports.iter().any(|report| matches!(report.verification, Some(Verification::Verified(_))));
        let rejected =
            reports.iter().any(|report| matches!(report.verification, Some(Verification::Rejected { .. })));
        let unknown = reports.iter().all(|report| matches!(report.format, CookieFormat::Unknown));
        let is_line = reports.iter().any(|report| report.subject.line.is_some());
        let dropped = reports.iter().any(|report| !report.is_kept());
        if rejected && !verified || unknown && !is_line || dropped { Exit::Negative } else { Exit::Done }
    }
}

fn read_url(text: &str) -> Result<Url, Failure> {
    // The jar's own check runs first, so that its error message is used.
    RequestContext::http(text).map_err(|error| Failure::caused(Exit::Usage, &error))?;
    Url::parse(text).map_err(|error| Failure::caused(Exit::Usage, &error))
}
