use std::ops::ControlFlow;
use std::time::SystemTime;

use clap::Args;
use hardtack::store::SessionStore;
use hardtack_stores::AnyStore;
use serde_json::json;

use super::age_filter::{AgeFilter, each_page};
use super::listed;
use crate::arguments::StoreArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Output, OutputArgs, Progress};

/// Remove expired sessions, and old ones if requested
///
/// A store removes expired sessions gradually by itself. This command removes all of them at once.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hardtack sessions purge --store sqlite:sessions.db
  hardtack sessions purge --store sqlite:sessions.db --idle-longer-than 7d --dry-run")]
pub(super) struct Purge {
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    ages: AgeFilter,
    /// Count the sessions without removing them
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    output_args: OutputArgs,
}

/// The maximum number of records that a store removes in one sweep.
const BATCH_SIZE: usize = 500;

impl Purge {
    pub(super) async fn run(self) -> Result<Exit, Failure> {
        let store = self.store.open().await?;
        let now = SystemTime::now();
        let progress = Progress::counting("removed");
        let (expired, old) = if self.dry_run {
            self.count(&store, now).await?
        } else {
            let expired = sweep(&store, now, &progress).await?;
            (expired, self.remove(&store, now, &progress).await?)
        };
        drop(progress);
        let mut out = Output::new();
        if self.output_args.json {
            out.json(&json!({ "expired": expired, "old": old, "removed": !self.dry_run }))?;
        } else {
            let verb = if self.dry_run { "would remove" } else { "removed" };
            out.line(format_args!("{verb}: {expired} expired, {old} old"))?;
        }
        Ok(Exit::Done)
    }

    async fn count(&self, store: &AnyStore, now: SystemTime) -> Result<(usize, usize), Failure> {
        let (mut expired, mut old) = (0, 0);
        each_page(store, async |page| {
            for listed in page {
                if listed.summary.expires_at <= now {
                    expired += 1;
                } else if self.is_old(&listed, now) {
                    old += 1;
                }
            }
            Ok(ControlFlow::Continue(()))
        })
        .await?;
        Ok((expired, old))
    }

    async fn remove(&self, store: &AnyStore, now: SystemTime, progress: &Progress) -> Result<usize, Failure> {
        let mut removed = 0;
        if self.ages.is_empty() {
            return Ok(removed);
        }
        each_page(store, async |page| {
            for listed in page.iter().filter(|listed| self.is_old(listed, now)) {
                // The store does not delete a session that was written after it was listed. Such a session is in use.
                let summary = &listed.summary;
                let gone = store.delete(&summary.key, summary.version).await;
                removed += usize::from(gone.map_err(|error| Failure::of_store(&error))?);
                progress.advance(1);
            }
            Ok(ControlFlow::Continue(()))
        })
        .await?;
        Ok(removed)
    }

    /// Returns whether a session is old enough to remove. Tombstones are excluded, because they soon expire by
    /// themselves.
    fn is_old(&self, listed: &hardtack::store::Listed, now: SystemTime) -> bool {
        let is_session = matches!(listed::state(listed, now), "live" | "expired");
        !self.ages.is_empty() && is_session && self.ages.fit(listed, now)
    }
}

async fn sweep(store: &AnyStore, now: SystemTime, progress: &Progress) -> Result<usize, Failure> {
    let mut removed = 0;
    loop {
        let swept = store.sweep(now, BATCH_SIZE).await.map_err(|error| Failure::of_store(&error))?;
        if swept == 0 {
            return Ok(removed);
        }
        removed += swept;
        progress.advance(swept);
    }
}
