use std::ops::ControlFlow;
use std::time::SystemTime;

use clap::Args;
use hardtack::Value;
use hardtack::protocol::{Content, Dictionary};
use hardtack::store::{Listed, SessionStore};
use hardtack_stores::AnyStore;
use serde_json::{Value as Json, json};

use super::age_filter::each_page;
use super::listed;
use crate::arguments::{Handle, StoreArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::inspect::{kind, session_json, session_lines};
use crate::output::{DIM, HEAD, Output, OutputArgs, plain, styled};

/// Show a session in a store
///
/// Shows the session's keys and their types. Values are hidden unless --values is given.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hardtack sessions show --store sqlite:sessions.db 3f1b0c7d5a9e
  hardtack sessions show --store sqlite:sessions.db 3f1b0c7d5a9e --values --json")]
pub(super) struct Show {
    /// The session, as shown by `hardtack sessions list`
    #[arg(value_name = "SESSION")]
    session: Handle,
    #[command(flatten)]
    store: StoreArgs,
    /// Show the values
    #[arg(long)]
    values: bool,
    #[command(flatten)]
    output_args: OutputArgs,
}

impl Show {
    pub(super) async fn run(self) -> Result<Exit, Failure> {
        let store = self.store.open().await?;
        let now = SystemTime::now();
        let session = find(&store, &self.session).await?;
        let stored = store
            .load(&session.summary.key)
            .await
            .map_err(|error| Failure::of_store(&error))?
            .ok_or_else(|| missing(&self.session))?;
        let content = Content::from_data(&stored.record.data)
            .map_err(|error| Failure::caused(Exit::Unreadable, &error))?;
        let mut out = Output::new();
        if self.output_args.json {
            let mut json = listed::json(&session, now);
            match &content {
                Content::Live(dictionary) => json["values"] = self.json(dictionary),
                Content::Moved(to) => json["renewed_as"] = json!(Handle::of(to).to_string()),
                _ => {}
            }
            out.json(&json)?;
            return Ok(Exit::Done);
        }
        out.line(styled(HEAD, listed::HEAD))?;
        out.line(listed::line(&session, now))?;
        match &content {
            Content::Live(dictionary) if dictionary.is_empty() => out.line("  it is empty")?,
            Content::Live(dictionary) => {
                for line in self.lines(dictionary) {
                    out.line(line)?;
                }
            }
            Content::Moved(to) => {
                out.line(format_args!("  it was renewed, and is now {}", Handle::of(to)))?
            }
            Content::Ended => out.line("  it was ended by a login or a logout")?,
            _ => {}
        }
        Ok(Exit::Done)
    }

    fn lines(&self, dictionary: &Dictionary) -> Vec<String> {
        if self.values {
            return session_lines(dictionary);
        }
        let hidden = dictionary.iter().map(|(key, text)| {
            let about = format!("{}, {} bytes", type_of(text), text.len());
            format!("  {}  {}", plain(&*key), styled(DIM, about))
        });
        hidden.collect()
    }

    fn json(&self, dictionary: &Dictionary) -> Json {
        if self.values {
            return session_json(dictionary);
        }
        let hidden = dictionary
            .iter()
            .map(|(key, text)| (key.into_owned(), json!({ "type": type_of(text), "bytes": text.len() })));
        Json::Object(hidden.collect())
    }
}

fn type_of(text: &str) -> &'static str {
    Value::from_text(text).map_or("broken", |value| kind(&value))
}

/// Returns the session whose key starts with the handle, or an error if there is none or more than one.
pub(super) async fn find(store: &AnyStore, handle: &Handle) -> Result<Listed, Failure> {
    let mut found: Vec<Listed> = Vec::new();
    each_page(store, async |page| {
        for listed in page.into_iter().filter(|listed| handle.names(&listed.summary.key)) {
            // A store may list a session twice if the session is written while the pages are read.
            if found.iter().all(|known| known.summary.key != listed.summary.key) {
                found.push(listed);
            }
        }
        Ok(if found.len() > 1 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })
    .await?;
    match found.pop() {
        Some(one) if found.is_empty() => Ok(one),
        Some(_) => Err(Failure::usage(format!("{handle} matches several sessions: use more digits"))),
        None => Err(missing(handle)),
    }
}

fn missing(handle: &Handle) -> Failure {
    Failure::new(
        Exit::NotFound,
        format!("the store has no session {handle}: see `hardtack sessions list --all`"),
    )
}
