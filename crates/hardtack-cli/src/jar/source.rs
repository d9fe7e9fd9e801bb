use std::collections::HashSet;
use std::fs;
use std::slice;
use std::time::SystemTime;

use clap::Args;
use hardtack_jar::{
    ChromiumKey, Error, Format, Import, Imported, Jar, PartitionKey, RequestContext, StoredCookie, read_file,
};
use serde_json::{Map, Value as Json};
use url::Url;

use super::browser_key::BrowserKey;
use super::format_name::FormatName;
use crate::arguments::{Input, read_stdin};
use crate::failure::Failure;

/// The options for reading cookie files.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Source {
    /// The format of the file. Default: detected from its contents
    #[arg(long, value_name = "FORMAT", value_enum)]
    from: Option<FormatName>,
    /// The URL that a `Cookie` header was sent to, or that `Set-Cookie` headers or an HTTPie session came from
    #[arg(long = "url", value_name = "URL")]
    origin: Option<String>,
    #[command(flatten)]
    key: BrowserKey,
}

/// A cookie file that was read.
pub(crate) struct Text {
    bytes: Vec<u8>,
    pub(super) format: Format,
    /// When the file was last written.
    written: SystemTime,
    pub(super) origin_context: Option<RequestContext>,
    key: Option<ChromiumKey>,
}

impl Source {
    /// Creates a source for files that may not record the origin of their cookies. Such cookies are assumed to come
    /// from this site.
    pub(crate) fn of_site(url: &Url) -> Self {
        Self { origin: Some(url.to_string()), ..Self::default() }
    }

    /// Creates a source without a browser's key.
    pub(super) fn of(from: Option<FormatName>, origin: Option<String>) -> Self {
        Self { from, origin, ..Self::default() }
    }

    /// Reads a file. Detects its format, unless `--from` gives it.
    pub(crate) fn read(&self, input: &Input, now: SystemTime) -> Result<Text, Failure> {
        self.text(input, self.origin_context()?, self.key.read(slice::from_ref(input))?, now)
    }

    /// Reads several files, but the browser's key only once.
    pub(super) fn read_all(&self, inputs: &[Input], now: SystemTime) -> Result<Vec<Text>, Failure> {
        let (origin_context, key) = (self.origin_context()?, self.key.read(inputs)?);
        inputs.iter().map(|input| self.text(input, origin_context.clone(), key.clone(), now)).collect()
    }

    /// Returns the origin given with `--url`. It applies to cookies whose file does not record their origin.
    pub(super) fn origin_context(&self) -> Result<Option<RequestContext>, Failure> {
        let origin_context = self.origin.as_deref().map(RequestContext::http).transpose();
        origin_context.map_err(|error| Failure::usage(format!("--url: {error}")))
    }

    fn text(
        &self,
        input: &Input,
        origin_context: Option<RequestContext>,
        key: Option<ChromiumKey>,
        now: SystemTime,
    ) -> Result<Text, Failure> {
        let (bytes, written) = match input {
            Input::Stdin => (read_stdin()?, now),
            Input::File(path) => {
                let failed = |error| Failure::reading(&path.display().to_string(), &error);
                let written = fs::metadata(path).and_then(|metadata| metadata.modified()).map_err(failed)?;
                (read_file(path).map_err(failed)?, written)
            }
        };
        let format = match self.from {
            Some(name) => name.into(),
            None => Format::detect(&bytes).map_err(|error| Failure::of_jar(input, &error))?,
        };
        if matches!(format, Format::CookieHeader | Format::SetCookie) && origin_context.is_none() {
            return Err(Failure::usage(format!(
                "{input} does not name the site of its cookies: add --url, such as --url https://example.com/"
            )));
        }
        Ok(Text { bytes, format, written, origin_context, key })
    }
}

impl Text {
    /// Imports the cookies into a jar.
    pub(crate) fn import(&self, jar: &mut Jar, now: SystemTime) -> Result<Imported, Error> {
        let mut import = Import::new().format(self.format).written(self.written);
        if let Some(origin_context) = &self.origin_context {
            import = import.origin(origin_context);
        }
        if let Some(key) = &self.key {
            import = import.chromium_key(key);
        }
        jar.import_with(&import, &self.bytes, now)
    }

    /// Describes what the file contains besides cookies. Returns `None` if there is nothing worth mentioning.
    pub(super) fn name_of_rest(&self, imported: &Imported) -> Option<&'static str> {
        name_of_rest(self.format, imported.rest()?)
    }

    /// Returns the expired cookies. A jar does not accept expired cookies, so the file is imported into a new jar as of
    /// 1970, when they had not expired. This caps their expiry times at the maximum lifetime, so these times are
    /// meaningless. The file is imported again only if it has expired cookies.
    pub(super) fn expired(&self, imported: &Imported, live: &Jar) -> Jar {
        let mut all = Jar::new();
        if imported.expired() == 0 || self.import(&mut all, SystemTime::UNIX_EPOCH).is_err() {
            return Jar::new();
        }
        let known: HashSet<_> = live.iter().map(identity).collect();
        all.retain(|cookie| !known.contains(&identity(cookie)));
        all
    }
}

/// Returns the properties that identify a cookie.
fn identity(cookie: &StoredCookie) -> (Vec<u8>, String, String, bool, Option<PartitionKey>) {
    let (domain, path) = (cookie.domain().to_owned(), cookie.path().to_owned());
    (cookie.name().to_owned(), domain, path, cookie.is_host_only(), cookie.partition().cloned())
}

/// Describes the rest of a file (`Imported::rest`) for messages. Returns `None` if there is nothing worth mentioning.
fn name_of_rest(format: Format, rest: &str) -> Option<&'static str> {
    let what = match format {
        Format::Netscape | Format::Wget | Format::Python => return Some("its comments"),
        Format::Playwright => "its `localStorage` and other data",
        Format::Httpie => "its headers and authentication",
        // In a tough-cookie jar, the rest is only the jar's settings.
        _ => return None,
    };
    let members: Map<String, Json> = serde_json::from_str(rest).unwrap_or_default();
    members.iter().any(|(name, value)| name != "__meta__" && !is_empty(value)).then_some(what)
}

/// Returns whether a JSON value is empty, or an object whose members are all empty. For example, HTTPie writes
/// `{"type": null}` for a session without authentication.
fn is_empty(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::String(text) => text.is_empty(),
        Json::Array(values) => values.is_empty(),
        Json::Object(members) => members.values().all(is_empty),
        Json::Bool(_) | Json::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_rest_is_not_mentioned() {
        assert_eq!(name_of_rest(Format::Playwright, r#"{"origins": []}"#), None);
        assert!(
            name_of_rest(Format::Playwright, r#"{"origins": [{"origin": "https://a.example"}]}"#).is_some()
        );
        let session = r#"{"__meta__": {"httpie": "3"}, "auth": {"type": null}, "headers": []}"#;
        assert_eq!(name_of_rest(Format::Httpie, session), None);
        assert!(name_of_rest(Format::Httpie, r#"{"headers": [{"name": "X-Key"}]}"#).is_some());
    }
}
