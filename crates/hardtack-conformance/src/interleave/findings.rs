use std::collections::BTreeSet;
use std::time::SystemTime;

use hardtack_core::protocol::{Lifetime, Origin, Purpose, SessionId, StoreKey};
use hardtack_core::store::{Opened, SessionStore, StoreError, open};

use crate::interleave::find_order::{is_private, name_of};
use crate::interleave::history::{Data, End, Event, data_of};
use crate::interleave::model::{Lookup, Model};
use crate::interleave::operation::User;
use crate::sample::{self, seconds};

/// The state of the store after a schedule: the session under each id, now and after the grace period.
#[derive(Debug)]
pub(crate) struct Findings {
    ids: Vec<Finding>,
    /// The keys that the store lists for each user.
    listed: Vec<(User, BTreeSet<StoreKey>)>,
}

#[derive(Debug)]
struct Finding {
    id: SessionId,
    now: Found,
    later: Found,
    /// Whether the outcome of the operation that would issue the id is unknown.
    is_unknown: bool,
    /// Whether the id was issued to a browser.
    was_issued: bool,
}

#[derive(Debug, PartialEq, Eq)]
enum Found {
    Live { origin: Origin, data: Data, owner: Option<String>, is_passing: bool },
    Ended,
    Nowhere,
}

impl Findings {
    pub(crate) async fn gather<S: SessionStore>(
        store: &S,
        events: &[Event],
        now: SystemTime,
    ) -> Result<Self, StoreError> {
        // This is longer than the grace period. By then, a successor whose id was never sent has expired too.
        let later = now + Lifetime::PROVISIONAL + seconds(1);
        let mut ids = Vec::with_capacity(events.len());
        for event in events {
            ids.push(Finding {
                id: event.fresh,
                now: Found::under(store, event.fresh, now).await?,
                later: Found::Nowhere,
                is_unknown: matches!(event.end, End::Unknown(_) | End::Open),
                was_issued: event.sent_id() == Some(event.fresh),
            });
        }
        let mut listed = Vec::new();
        for user in User::ALL {
            let summaries = sample::listed(store, user.name()).await?;
            listed.push((user, summaries.into_iter().map(|summary| summary.key).collect()));
        }
        while store.sweep(later, 1000).await? > 0 {}
        for finding in &mut ids {
            finding.later = Found::under(store, finding.id, later).await?;
        }
        Ok(Self { ids, listed })
    }

    /// Returns a description of a fault, if there is one that no order of the operations can explain.
    pub(crate) fn fault(&self, events: &[Event]) -> Option<String> {
        for (user, listed) in &self.listed {
            let theirs = self.ids.iter().filter(|finding| finding.now.belongs_to(*user));
            let theirs: BTreeSet<StoreKey> =
                theirs.map(|finding| finding.id.store_key(&Purpose::default())).collect();
            if *listed != theirs {
                return Some(format!(
                    "{user:?} has {} records, but {} are listed",
                    theirs.len(),
                    listed.len()
                ));
            }
        }
        for finding in &self.ids {
            if let Found::Live { data, .. } = &finding.now
                && !is_private(data)
            {
                return Some(format!("{} shows another user's data", name_of(events, finding.id)));
            }
        }
        let leak =
            events.iter().find(|event| event.saw.as_ref().is_some_and(|(view, _)| !is_private(&view.data)));
        leak.map(|event| format!("{} saw another user's data", name_of(events, event.fresh)))
    }

    /// Checks whether the store agrees with the model.
    pub(crate) fn agree(&self, model: &Model) -> bool {
        let mut later = model.clone();
        later.pass_grace();
        self.ids.iter().all(|finding| {
            finding.agrees_now(model.look_up(finding.id)) && finding.agrees_later(later.look_up(finding.id))
        })
    }

    /// Returns one line per id, for the trace.
    pub(crate) fn lines(&self, events: &[Event]) -> Vec<String> {
        let line = |finding: &Finding| {
            format!(
                "{} leads to {}; later to {}",
                name_of(events, finding.id),
                finding.now.say(),
                finding.later.say()
            )
        };
        self.ids.iter().map(line).collect()
    }
}

impl Finding {
    fn agrees_now(&self, leads: Lookup<'_>) -> bool {
        match (leads, &self.now) {
            (Lookup::Nowhere, Found::Live { is_passing, .. }) => self.is_unknown && *is_passing,
            (leads, found) => found.is(&leads),
        }
    }

    fn agrees_later(&self, leads: Lookup<'_>) -> bool {
        match (leads, &self.later) {
            // If the id was never issued, the session under it may have expired in the meantime.
            (Lookup::Live(..), Found::Nowhere) => !self.was_issued,
            (leads, found) => found.is(&leads),
        }
    }
}

impl Found {
    async fn under<S: SessionStore>(store: &S, id: SessionId, now: SystemTime) -> Result<Self, StoreError> {
        Ok(match open(store, &Purpose::default(), id.store_key(&Purpose::default()), now).await? {
            Opened::Live(located, base, followed) => Self::Live {
                origin: followed.origin(),
                data: data_of(&base),
                owner: located.record.owner().map(|owner| owner.as_str().to_owned()),
                is_passing: located.record.expires_at <= now + Lifetime::PROVISIONAL,
            },
            Opened::Ended => Self::Ended,
            // Schedules never write a record that cannot be decoded.
            Opened::Unreadable(error) => return Err(error),
            _ => Self::Nowhere,
        })
    }

    fn is(&self, leads: &Lookup<'_>) -> bool {
        match (self, leads) {
            (Self::Live { origin, data, owner, .. }, Lookup::Live(expected, user, from)) => {
                origin == from && data == *expected && owner.as_deref() == user.map(User::name)
            }
            (Self::Ended, Lookup::Ended) | (Self::Nowhere, Lookup::Nowhere) => true,
            _ => false,
        }
    }

    fn belongs_to(&self, user: User) -> bool {
        matches!(self, Self::Live { owner: Some(owner), origin: Origin::Live, .. } if owner == user.name())
    }

    fn say(&self) -> String {
        match self {
            Self::Live { origin, data, owner, .. } => {
                let owner = owner.as_deref().unwrap_or("nobody");
                format!("a session of {owner} ({origin:?}) with {data:?}")
            }
            Self::Ended => "a tombstone".to_owned(),
            Self::Nowhere => "nothing".to_owned(),
        }
    }
}
