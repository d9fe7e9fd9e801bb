use std::ops::ControlFlow;
use std::time::SystemTime;

use clap::Args;

use super::age_filter::{AgeFilter, each_page};
use super::listed;
use crate::arguments::StoreArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{HEAD, Output, OutputArgs, styled};

/// List the sessions in a store
///
/// Each session is identified by the start of its key in the store, which does not reveal its cookie. The order is
/// unspecified.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hardtack sessions list --store sqlite:sessions.db
  HARDTACK_STORE=postgres://app:secret@db/app hardtack sessions list --user jane
  hardtack sessions list --idle-longer-than 7d --json | jq length")]
pub(super) struct List {
    #[command(flatten)]
    store: StoreArgs,
    /// Select sessions of this user
    #[arg(long)]
    user: Option<String>,
    #[command(flatten)]
    ages: AgeFilter,
    /// Also list expired sessions that are still in the store, and the tombstones of renewed and ended sessions
    #[arg(long)]
    all: bool,
    /// List at most this many sessions
    #[arg(long, value_name = "NUMBER")]
    limit: Option<usize>,
    #[command(flatten)]
    output_args: OutputArgs,
}

impl List {
    pub(super) async fn run(self) -> Result<Exit, Failure> {
        let store = self.store.open().await?;
        let now = SystemTime::now();
        let max_shown = self.limit.unwrap_or(usize::MAX);
        let mut out = Output::new();
        let mut shown = 0;
        if !self.output_args.json {
            out.line(styled(HEAD, listed::HEAD))?;
        }
        each_page(&store, async |page| {
            for session in page {
                let fits = self.user.as_deref().is_none_or(|user| {
                    session.summary.login.as_ref().is_some_and(|login| login.owner.as_str() == user)
                });
                let counts = self.all || listed::state(&session, now) == "live";
                if !fits || !counts || !self.ages.fit(&session, now) {
                    continue;
                }
                if shown == max_shown {
                    return Ok(ControlFlow::Break(()));
                }
                if self.output_args.json {
                    out.json_line(if shown == 0 { "[" } else { "," }, &listed::json(&session, now))?;
                } else {
                    out.line(listed::line(&session, now))?;
                }
                shown += 1;
            }
            Ok(ControlFlow::Continue(()))
        })
        .await?;
        if self.output_args.json {
            out.line(if shown == 0 { "[]" } else { "]" })?;
        }
        Ok(Exit::Done)
    }
}
