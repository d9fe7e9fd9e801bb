use std::collections::HashMap;
use std::sync::Arc;

use crate::protocol::{Content, Dictionary, Fold, Record, StoreKey};
use crate::store::commit::count_futile;
use crate::store::located::{Opened, follow};
use crate::store::retry::{pause, unmerged};
use crate::store::{Commit, Committed, Located, Outcome, SessionStore, StoreError, Swap, Version};

/// Requests whose changes to one session are written together.
pub(super) struct Batch<S> {
    store: Arc<S>,
    key: StoreKey,
    /// The requests with their tickets, in order of arrival.
    members: Vec<(u64, Commit)>,
}

/// The result of one request in a batch.
pub(super) type Answer = Result<Committed, StoreError>;

impl<S: SessionStore> Batch<S> {
    pub(super) fn new(store: Arc<S>, key: StoreKey, members: Vec<(u64, Commit)>) -> Self {
        Self { store, key, members }
    }

    /// Writes the changes, and returns the result of each request.
    pub(super) async fn write(self) -> HashMap<u64, Answer> {
        match self.try_write().await {
            Ok(answers) => answers,
            Err(error) => self.members.iter().map(|(ticket, _)| (*ticket, Err(error.clone()))).collect(),
        }
    }

    async fn try_write(&self) -> Result<HashMap<u64, Answer>, StoreError> {
        let Some(now) = self.members.iter().map(|(_, work)| work.now).max() else {
            return Ok(HashMap::new());
        };
        // All members write to the same store key, which depends on the purpose, so they all have the same purpose.
        let purpose = &self.members[0].1.purpose;
        let (mut conflicts, mut futile, mut before) = (0_u32, 0, None);
        loop {
            let (located, base) = match follow(&*self.store, purpose, self.key, now).await? {
                Opened::Live(located, base, _) => (located, base),
                Opened::Unreadable(error) => return Ok(self.dropped(Some(Box::new(error)))),
                Opened::Ended | Opened::Expired | Opened::Unknown => return Ok(self.dropped(None)),
            };
            if let Some(before) = before {
                count_futile(&mut futile, before, located.version)?;
            }
            let (record, applied) = self.apply(&located, &base);
            if applied.iter().all(Result::is_err) {
                return Ok(self.answers(&located, None, applied, conflicts));
            }
            if let Swap::Done(version) = self.store.replace(&located.key, located.version, &record).await? {
                return Ok(self.answers(&located, Some((version, record)), applied, conflicts));
            }
            conflicts = conflicts.saturating_add(1);
            before = Some(located.version);
            pause(self.members[0].1.jitter.rotate_left(conflicts), conflicts).await;
        }
    }

    /// Drops all requests. The unreadable record was encountered once, so only one request reports it.
    fn dropped(&self, mut unreadable: Option<Box<StoreError>>) -> HashMap<u64, Answer> {
        let dropped = || Committed { unreadable: unreadable.take(), ..Committed::dropped() };
        self.members.iter().map(|(ticket, _)| *ticket).zip(std::iter::repeat_with(dropped).map(Ok)).collect()
    }

    /// Applies the changes of the requests, one after another. Returns the new record, and, for each request, the
    /// number of keys that it overwrote or the error with which its changes failed to apply.
    fn apply(&self, located: &Located, base: &Dictionary) -> (Record, Vec<Result<usize, StoreError>>) {
        let mut fold = Fold::new(base);
        let mut record = located.record.clone();
        let mut applied = Vec::with_capacity(self.members.len());
        for (_, work) in &self.members {
            let overwritten = fold.apply(&work.changes, &work.base).map_err(unmerged);
            if overwritten.is_ok() {
                let next = work.record("", Some(&record));
                let last_seen = next.last_seen.max(record.last_seen);
                let expires_at = next.expires_at.max(record.expires_at);
                record = Record { last_seen, expires_at, ..next };
            }
            applied.push(overwritten);
        }
        record.data = Content::live_data(&fold.text());
        (record, applied)
    }

    fn answers(
        &self,
        loaded: &Located,
        written: Option<(Version, Record)>,
        applied: Vec<Result<usize, StoreError>>,
        mut conflicts: u32,
    ) -> HashMap<u64, Answer> {
        let located = written.map(|(version, record)| Located { key: loaded.key, version, record });
        let mut newest = (loaded.key, loaded.version);
        let mut answers = HashMap::with_capacity(self.members.len());
        for ((ticket, work), overwritten) in self.members.iter().zip(applied) {
            let is_first = work.located.as_ref().is_some_and(|own| (own.key, own.version) == newest);
            let answer = overwritten.map(|overwritten| Committed {
                located: located.clone(),
                // A batch is a single write, so its conflicts are counted once.
                conflicts: std::mem::take(&mut conflicts),
                overwritten,
                ..Committed::of(if is_first { Outcome::Written } else { Outcome::Merged })
            });
            if let (Ok(_), Some(located)) = (&answer, &located) {
                newest.1 = located.version;
            }
            answers.insert(*ticket, answer);
        }
        answers
    }
}
