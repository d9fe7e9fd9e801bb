use std::time::SystemTime;

use clap::Args;
use hardtack_jar::{Jar, RequestContext};
use serde_json::json;

use crate::arguments::Input;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::jar::source::Source;
use crate::jar::warnings::Warnings;
use crate::output::{Output, OutputArgs};

/// Print the `Cookie` header that a browser sends to a URL
///
/// The header is that of a same-site request. If no cookie matches the URL, prints nothing and exits with 1.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hardtack jar header https://example.com/account cookies.txt
  curl --header \"$(hardtack jar header https://example.com/ state.json)\" https://example.com/")]
pub(in crate::jar) struct Header {
    /// The URL of the request
    #[arg(value_name = "URL")]
    target: String,
    /// The cookie file, or `-` for standard input
    #[arg(default_value = "-")]
    file: Input,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    output_args: OutputArgs,
}

impl Header {
    pub(in crate::jar) fn run(self) -> Result<Exit, Failure> {
        let now = SystemTime::now();
        let request =
            RequestContext::http(&self.target).map_err(|error| Failure::caused(Exit::Usage, &error))?;
        let mut jar = Jar::new();
        let text = self.source.read(&self.file, now)?;
        let imported = text.import(&mut jar, now).map_err(|error| Failure::of_jar(&self.file, &error))?;
        Warnings::default().imported(&self.file, &imported);
        let header = jar.header(&request, now);
        let mut out = Output::new();
        if self.output_args.json {
            let header = header.as_deref().map(String::from_utf8_lossy);
            out.json(&json!({ "header": header, "cookies": jar.cookies(&request, now).len() }))?;
        } else if let Some(header) = &header {
            out.bytes(&[b"Cookie: ", header.as_slice(), b"\n"].concat())?;
        }
        Ok(if header.is_some() { Exit::Done } else { Exit::Negative })
    }
}
