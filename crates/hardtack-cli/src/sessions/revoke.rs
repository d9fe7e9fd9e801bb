use std::ops::ControlFlow;

use clap::{ArgGroup, Args};
use hardtack::protocol::{ContentKind, Owner, Purpose, StoreKey};
use hardtack::store::{Page, SessionStore, revoke};
use hardtack_stores::AnyStore;
use serde_json::json;

use super::age_filter::each_page;
use super::show::find;
use crate::arguments::{Handle, StoreArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Output, OutputArgs, Progress};

/// Revoke sessions in a store, even for requests in progress
#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("which").required(true).args(["sessions", "user", "all"]),
    after_help = "\
Examples:
  hardtack sessions revoke --store sqlite:sessions.db 3f1b0c7d5a9e
  hardtack sessions revoke --store sqlite:sessions.db --user jane --yes
  hardtack sessions revoke --store sqlite:sessions.db --all --yes"
)]
pub(super) struct Revoke {
    /// The sessions, as shown by `hardtack sessions list`
    #[arg(value_name = "SESSION")]
    sessions: Vec<Handle>,
    #[command(flatten)]
    store: StoreArgs,
    /// Revoke all sessions of this user
    #[arg(long)]
    user: Option<String>,
    /// With --user, the purpose of the sessions. Change it only for sessions other than an application's main ones
    #[arg(long, value_name = "NAME", default_value_t)]
    purpose: Purpose,
    /// Revoke all sessions in the store
    #[arg(long)]
    all: bool,
    /// Confirm --user or --all, which otherwise only print the number of sessions and revoke nothing
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    output_args: OutputArgs,
}

impl Revoke {
    pub(super) async fn run(self) -> Result<Exit, Failure> {
        let store = self.store.open().await?;
        let ended = match &self.user {
            Some(user) => self.of_user(&store, &Owner::new(user.as_str())).await?,
            None if self.all => self.all(&store).await?,
            None => self.named(&store).await?,
        };
        let mut out = Output::new();
        if self.output_args.json {
            out.json(&json!({ "ended": ended }))?;
        } else {
            out.line(format_args!("{ended} revoked"))?;
        }
        Ok(Exit::Done)
    }

    async fn named(&self, store: &AnyStore) -> Result<u64, Failure> {
        let mut keys = Vec::new();
        // All sessions are looked up before any of them is revoked, so that a wrong handle revokes nothing.
        for handle in &self.sessions {
            keys.push(find(store, handle).await?.summary.key);
        }
        end(store, &keys, &Progress::of(keys.len(), "sessions revoked")).await
    }

    async fn of_user(&self, store: &AnyStore, owner: &Owner) -> Result<u64, Failure> {
        if !self.yes {
            let (mut sessions, mut after) = (0, None);
            loop {
                let page = store.owned_by(&self.purpose, owner, after.as_ref(), Page::MAX_SIZE).await;
                let page = page.map_err(|error| Failure::of_store(&error))?;
                sessions += page.len();
                after = page.last().map(|session| session.key);
                if page.len() < Page::MAX_SIZE {
                    return Err(unconfirmed(sessions));
                }
            }
        }
        store.delete_owned_by(&self.purpose, owner, None).await.map_err(|error| Failure::of_store(&error))
    }

    async fn all(&self, store: &AnyStore) -> Result<u64, Failure> {
        let progress = Progress::counting("sessions");
        let (mut ended, mut there) = (0, 0);
        each_page(store, async |page| {
            let live = page.into_iter().filter(|listed| listed.content == ContentKind::Live);
            let keys: Vec<_> = live.map(|listed| listed.summary.key).collect();
            there += keys.len();
            if self.yes {
                ended += end(store, &keys, &progress).await?;
            }
            Ok(ControlFlow::Continue(()))
        })
        .await?;
        if self.yes { Ok(ended) } else { Err(unconfirmed(there)) }
    }
}

async fn end(store: &AnyStore, keys: &[StoreKey], progress: &Progress) -> Result<u64, Failure> {
    let mut ended = 0;
    for key in keys {
        ended += u64::from(revoke(store, key, None).await.map_err(|error| Failure::of_store(&error))?);
        progress.advance(1);
    }
    Ok(ended)
}

fn unconfirmed(sessions: usize) -> Failure {
    let noun = if sessions == 1 { "session" } else { "sessions" };
    Failure::usage(format!("nothing was revoked: this would revoke {sessions} {noun}; add --yes to confirm"))
}
