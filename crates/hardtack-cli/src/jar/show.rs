use std::time::SystemTime;

use clap::Args;
use hardtack_jar::{Jar, SameSite, StoredCookie, canonical_host, domain_match};
use serde_json::{Value as Json, json};

use super::format::FormatName;
use super::reading::{read, tell};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input::Input;
use crate::moment::Moment;
use crate::output::{Form, Output};
use crate::table::Table;

/// Show the cookies of a file as a browser's developer tools do
///
/// Values are hidden, unless --values is said: who has one is logged in as its owner.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hardtack jar show cookies.txt
  hardtack jar show state.json --domain example.com --values")]
pub(super) struct Show {
    /// The file, or `-` for standard input
    file: Input,
    /// Its form. Default: as it looks
    #[arg(long, value_enum)]
    format: Option<FormatName>,
    /// Those of this host and of the domains under it
    #[arg(long)]
    domain: Option<String>,
    /// Show the values too
    #[arg(long)]
    values: bool,
    #[command(flatten)]
    form: Form,
}

impl Show {
    pub(super) fn run(self) -> Result<Exit, Failure> {
        let now = SystemTime::now();
        let mut jar = Jar::new();
        let imported = read(&mut jar, &self.file, self.format.map(Into::into), now)?;
        let domain = self.domain.as_deref().map(|domain| {
            canonical_host(domain.trim_start_matches('.'))
                .ok_or_else(|| Failure::usage("--domain is no host name: write it as `example.com`"))
        });
        let domain = domain.transpose()?;
        let cookies = jar
            .iter()
            .filter(|cookie| domain.as_deref().is_none_or(|domain| domain_match(cookie.domain(), domain)));
        let mut out = Output::new();
        if self.form.json {
            out.json(&cookies.map(|cookie| self.json(cookie)).collect::<Vec<_>>())?;
        } else {
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
            cookies.for_each(|cookie| table.row(self.cells(cookie)));
            table.print(&mut out)?;
        }
        Ok(tell(&self.file.to_string(), imported.left_out()))
    }

    fn cells(&self, cookie: &StoredCookie) -> [String; 10] {
        let mark = |is_so: bool| if is_so { "✓" } else { "" }.to_owned();
        [
            text(cookie.name()),
            if self.values { text(cookie.value()) } else { "(hidden)".to_owned() },
            if cookie.is_host_only() { cookie.domain().to_owned() } else { format!(".{}", cookie.domain()) },
            text(cookie.path().as_bytes()),
            cookie.expires().map_or_else(|| "Session".to_owned(), |time| Moment(time).date()),
            size(cookie).to_string(),
            mark(cookie.is_http_only()),
            mark(cookie.is_secure()),
            cookie.same_site().map_or("", SameSite::as_str).to_owned(),
            cookie.partition().map(|key| key.site().to_string()).unwrap_or_default(),
        ]
    }

    fn json(&self, cookie: &StoredCookie) -> Json {
        let mut json = json!({
            "name": text(cookie.name()),
            "domain": cookie.domain(),
            "host_only": cookie.is_host_only(),
            "path": cookie.path(),
            "expires": cookie.expires().map(|time| Moment(time).seconds()),
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

/// As browsers count it.
fn size(cookie: &StoredCookie) -> usize {
    cookie.name().len() + cookie.value().len()
}
