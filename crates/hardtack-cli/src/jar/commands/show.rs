use std::time::SystemTime;

use clap::Args;
use hardtack_jar::{Jar, SameSite, StoredCookie};
use serde_json::{Value as Json, json};

use crate::arguments::{Input, Timestamp};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::jar::domain_filter::DomainFilter;
use crate::jar::source::Source;
use crate::jar::warnings::Warnings;
use crate::output::{Output, OutputArgs, Table};

/// Show the cookies in a file, as a browser's developer tools do
///
/// Values are hidden unless --values is given, because anyone who has them can use the logins. Expired cookies are
/// shown and marked.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hardtack jar show cookies.txt
  hardtack jar show state.json --domain example.com --values")]
pub(in crate::jar) struct Show {
    /// The cookie file, or `-` for standard input
    file: Input,
    /// Only cookies for this host and its subdomains
    #[arg(long)]
    domain: Option<DomainFilter>,
    /// Show the values
    #[arg(long)]
    values: bool,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    output_args: OutputArgs,
}

/// The lifetime of a cookie.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Persistent,
    Session,
    Expired,
}

impl Show {
    pub(in crate::jar) fn run(self) -> Result<Exit, Failure> {
        let now = SystemTime::now();
        let (mut jar, mut warnings) = (Jar::new(), Warnings::default());
        let text = self.source.read(&self.file, now)?;
        let imported = text.import(&mut jar, now).map_err(|error| Failure::of_jar(&self.file, &error))?;
        let expired = text.expired(&imported, &jar);
        let live = jar.iter().map(|cookie| match cookie.expires() {
            None => (cookie, State::Session),
            Some(expires) if expires <= now => (cookie, State::Expired),
            Some(_) => (cookie, State::Persistent),
        });
        let all = live.chain(expired.iter().map(|cookie| (cookie, State::Expired)));
        let cookies: Vec<_> =
            all.filter(|(cookie, _)| self.domain.as_ref().is_none_or(|domain| domain.has(cookie))).collect();
        let mut out = Output::new();
        if self.output_args.json {
            out.json(&cookies.iter().map(|(cookie, state)| self.json(cookie, *state)).collect::<Vec<_>>())?;
        } else {
            self.print(&cookies, &mut out)?;
        }
        warnings.imported(&self.file, &imported);
        Ok(warnings.exit())
    }

    fn print(&self, cookies: &[(&StoredCookie, State)], out: &mut Output) -> Result<(), Failure> {
        if !cookies.is_empty() {
            let mut table = Table::new([
                "Name",
                "Value",
                "Domain",
                "Path",
                "Expires",
                "Size",
                "HttpOnly",
                "Secure",
                "SameSite",
                "Partition",
            ]);
            cookies.iter().for_each(|(cookie, state)| table.row(self.cells(cookie, *state)));
            table.print(out)?;
        }
        let count = |state| cookies.iter().filter(|cookie| cookie.1 == state).count();
        let (persistent, session, expired) =
            (count(State::Persistent), count(State::Session), count(State::Expired));
        let noun = |count| if count == 1 { "cookie" } else { "cookies" };
        let live = persistent + session;
        out.line(format_args!(
            "{} {}: {live} live ({session} session {}), {expired} expired",
            cookies.len(),
            noun(cookies.len()),
            noun(session)
        ))
    }

    fn cells(&self, cookie: &StoredCookie, state: State) -> [String; 10] {
        let mark = |is_so: bool| if is_so { "✓" } else { "" }.to_owned();
        [
            text(cookie.name()),
            if self.values { text(cookie.value()) } else { "(hidden)".to_owned() },
            if cookie.is_host_only() { cookie.domain().to_owned() } else { format!(".{}", cookie.domain()) },
            text(cookie.path().as_bytes()),
            match (state, cookie.expires()) {
                (State::Expired, _) => "✗ expired".to_owned(),
                (_, None) => "Session".to_owned(),
                (_, Some(time)) => Timestamp(time).date(),
            },
            size(cookie).to_string(),
            mark(cookie.is_http_only()),
            mark(cookie.is_secure()),
            cookie.same_site().map_or("", SameSite::as_str).to_owned(),
            cookie.partition().map(|key| key.site().to_string()).unwrap_or_default(),
        ]
    }

    fn json(&self, cookie: &StoredCookie, state: State) -> Json {
        let expires = cookie.expires().filter(|_| state == State::Persistent);
        let mut json = json!({
            "name": text(cookie.name()),
            "domain": cookie.domain(),
            "host_only": cookie.is_host_only(),
            "path": cookie.path(),
            "expired": state == State::Expired,
            "expires": expires.map(|time| Timestamp(time).seconds()),
            "size": size(cookie),
            "http_only": cookie.is_http_only(),
            "secure": cookie.is_secure(),
            "same_site": cookie.same_site().map(SameSite::as_str),
            "partition": cookie.partition().map(|key| key.site().to_string()),
        });
        if self.values {
            json["value"] = text(cookie.value()).into();
        }
        json
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Returns the size of a cookie as browsers calculate it: the length of the name and the value in bytes.
fn size(cookie: &StoredCookie) -> usize {
    cookie.name().len() + cookie.value().len()
}
