use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{join_all, try_join_all};
use hardtack_core::session::{Lineage, StoreKey};
use hardtack_core::store::{StoreError, Summary};
use redis::{RedisResult, Value};

use crate::error::{failed, strange};
use crate::keys::{Holder, Keys};
use crate::left_out::{report, sort};
use crate::life::Life;
use crate::link::Link;
use crate::look::look;
use crate::record::{Head, Ticket};
use crate::script;
use crate::server::Kind;

/// The index of each owner's records: for each owner and purpose, a sorted set of entries, ordered by the time at which
/// they were written.
///
/// In a Cluster the index is on another node than the records, so it can be out of date, but only in one direction: an
/// entry is written before its record and removed after it. There may be an entry without a record, but never a record
/// without an entry. Readers of entries therefore check each record. An entry without a record is removed by the
/// operation that ended the record. If that was interrupted, it is removed by a reader an hour later, by a login when
/// there are many entries, or together with the whole set at the latest deadline of its records.
#[derive(Debug, Clone)]
pub(crate) struct Owners {
    link: Link,
    keys: Arc<Keys>,
}

/// One entry: the record's key, and the ticket that is also in the record. A record that moves from one owner to
/// another and back gets a new ticket each time, so an old entry can be removed safely.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Member([u8; LENGTH]);

const LENGTH: usize = StoreKey::LEN + 8;

const LISTING: &str = "listing an owner's sessions";
const REVOKING: &str = "deleting an owner's sessions";

/// How long an entry without a record is kept, in milliseconds, because its record may still be on its way. No write is
/// in flight this long, even through buffers.
const UNDER_WAY: &str = "3600000";

/// The number of entries above which each login checks a few.
const CROWD: i64 = 32;

/// The number of entries to check. It is greater than one, so that entries without a record stay few.
const LOOKS: &str = "4";

/// The number of records that are requested at once.
const AT_ONCE: usize = 128;

/// The number of passes over all entries to make before giving up.
const MAX_PASSES: usize = 64;

impl Owners {
    pub(crate) fn new(link: Link, keys: Keys) -> Self {
        Self { link, keys: Arc::new(keys) }
    }

    pub(crate) fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Writes an entry.
    pub(crate) async fn list(&self, owner: &Holder, member: Member, life: Life) -> RedisResult<()> {
        let (entries, life) = (self.keys.of(owner), life.text());
        let arguments: [&[u8]; 2] = [member.as_bytes(), &life];
        let answer = self.link.run(&script::INDEX, &[&entries], &arguments, Kind::Write).await?;
        if let Value::Int(entries) = answer {
            self.tidy_if_crowded(owner, entries);
        }
        Ok(())
    }

    /// Reads all entries, 40 bytes each, but only as many records as a page needs.
    pub(crate) async fn owned_by(
        &self,
        owner: &Holder,
        after: Option<&StoreKey>,
        size: usize,
    ) -> Result<Vec<Summary>, StoreError> {
        let mut members = self.members(owner, LISTING).await?;
        members.retain(|member| after.is_none_or(|after| member.key() > *after));
        members.sort_unstable_by_key(Member::key);
        let (mut found, mut left_out) = (Vec::new(), None);
        let mut stale = Vec::new();
        while found.len() < size && !members.is_empty() {
            let count = members.len().min(AT_ONCE).min(size - found.len());
            let chunk: Vec<Member> = members.drain(..count).collect();
            let looks = join_all(chunk.iter().map(|member| self.look(owner, *member))).await;
            for (member, look) in chunk.iter().zip(looks) {
                match sort(look, &mut left_out)? {
                    Some(Some(summary)) => found.push(summary),
                    Some(None) => stale.push(*member),
                    // The owner cannot be determined, so the entry stays.
                    None => {}
                }
            }
        }
        report(left_out.as_ref());
        self.forget_old_soon(owner, stale);
        Ok(found)
    }

    /// Goes through the entries repeatedly, until nothing except spared sessions has changed from one pass to the next.
    ///
    /// One pass is not enough: a session could be renewed from an entry that was not checked yet to one that was.
    pub(crate) async fn delete_owned_by(
        &self,
        owner: &Holder,
        spared: Option<&Lineage>,
    ) -> Result<u64, StoreError> {
        let entries = self.keys.of(owner);
        let mut deleted = 0;
        let mut before = BTreeMap::new();
        for pass in 0..MAX_PASSES {
            if pass > 1 {
                // Another client renews in step with us, each time just ahead: a random pause breaks the pattern.
                tokio::time::sleep(Duration::from_micros(rand::random_range(0..2000))).await;
            }
            let members = self.members(owner, REVOKING).await?;
            let mut keys: Vec<StoreKey> = members.iter().map(Member::key).collect();
            keys.sort_unstable();
            keys.dedup();
            let mut states = BTreeMap::new();
            for chunk in keys.chunks(AT_ONCE) {
                let revoked = try_join_all(chunk.iter().map(|key| self.revoke(owner, *key, spared))).await?;
                states.extend(chunk.iter().copied().zip(revoked));
            }
            // A spared session may be renewed any number of times: its successors are spared too.
            states.retain(|_, state| *state != State::Spared);
            let gone: Vec<Member> = states.iter().filter_map(|(key, state)| state.gone(key)).collect();
            if gone.is_empty() && states.iter().all(|(key, state)| before.get(key) == Some(state)) {
                return Ok(deleted);
            }
            deleted += gone.len() as u64;
            let mut command = redis::cmd("ZREM");
            command.arg(&entries).arg(gone.iter().map(Member::as_bytes).collect::<Vec<_>>());
            if !gone.is_empty() {
                self.link.send(&entries, &command, Kind::Write).await.map_err(failed(REVOKING))?;
            }
            states.values_mut().for_each(State::settle);
            before = states;
        }
        Err(StoreError::new(REVOKING, "the owner's sessions are written without pause"))
    }

    /// Removes the entry of a record known to be gone, in the background. This is best effort: stale entries are
    /// cleaned up later.
    pub(crate) fn forget_soon(&self, owner: &Holder, member: Member) {
        let (this, entries) = (self.clone(), self.keys.of(owner));
        tokio::spawn(async move {
            let mut command = redis::cmd("ZREM");
            command.arg(&entries).arg(member.as_bytes());
            drop(this.link.send(&entries, &command, Kind::Read).await);
        });
    }

    /// Like [`forget_soon`](Self::forget_soon), with the former owner as a script returned it: a ticket and a holder.
    pub(crate) fn forget_former(&self, key: &StoreKey, former: &[u8]) {
        let Some((ticket, owner)) = former.split_first_chunk::<8>() else { return };
        if let Some(owner) = Holder::read(owner) {
            self.forget_soon(&owner, Member::new(key, *ticket));
        }
    }

    /// Checks a few entries of an owner who has many, in the background.
    pub(crate) fn tidy_if_crowded(&self, owner: &Holder, entries: i64) {
        if entries <= CROWD {
            return;
        }
        let (this, owner) = (self.clone(), owner.clone());
        tokio::spawn(async move {
            let entries = this.keys.of(&owner);
            let mut command = redis::cmd("ZRANDMEMBER");
            command.arg(&entries).arg(LOOKS);
            let Ok(answer) = this.link.read(&entries, &command).await else { return };
            let mut stale = Vec::new();
            for member in members(answer).unwrap_or_default() {
                if let Ok(None) = this.look(&owner, member).await {
                    stale.push(member);
                }
            }
            this.forget_old(&owner, &stale).await;
        });
    }

    /// Returns the record of an entry, if it belongs to the owner through this very entry.
    async fn look(&self, owner: &Holder, member: Member) -> Result<Option<Summary>, StoreError> {
        let key = self.keys.record(&member.key());
        let Some((bytes, _)) = look(&self.link, &key, LISTING).await? else { return Ok(None) };
        let head = Head::read(&bytes)?;
        let is_theirs = head.is_of(owner) && head.ticket == member.ticket();
        Ok(is_theirs.then(|| head.summary(member.key())))
    }

    /// Returns all entries of an owner.
    async fn members(&self, owner: &Holder, doing: &'static str) -> Result<Vec<Member>, StoreError> {
        let entries = self.keys.of(owner);
        let mut command = redis::cmd("ZRANGE");
        command.arg(&entries).arg(0).arg(-1);
        members(self.link.read(&entries, &command).await.map_err(failed(doing))?)
    }

    async fn revoke(
        &self,
        owner: &Holder,
        key: StoreKey,
        spared: Option<&Lineage>,
    ) -> Result<State, StoreError> {
        let (key, spared) = (self.keys.record(&key), spared.map_or(&[][..], |lineage| lineage.as_bytes()));
        let arguments = [owner.as_bytes(), spared];
        let answer = self.link.run(&script::REVOKE, &[&key], &arguments, Kind::Write).await;
        let Value::BulkString(bytes) = answer.map_err(failed(REVOKING))? else {
            return Err(strange(REVOKING));
        };
        match bytes.split_first() {
            None => Ok(State::Absent),
            Some((b'0', version)) => Ok(State::Others(version.to_vec())),
            Some((b'2', _)) => Ok(State::Spared),
            Some((_, ticket)) => {
                ticket.try_into().map(State::Gone).map_err(|error| StoreError::new(REVOKING, error))
            }
        }
    }

    fn forget_old_soon(&self, owner: &Holder, members: Vec<Member>) {
        if members.is_empty() {
            return;
        }
        let (this, owner) = (self.clone(), owner.clone());
        tokio::spawn(async move { this.forget_old(&owner, &members).await });
    }

    /// Removes entries that were found without their record, unless the record may be on its way. This is best effort:
    /// entries that remain are found again.
    async fn forget_old(&self, owner: &Holder, members: &[Member]) {
        let entries = self.keys.of(owner);
        for chunk in members.chunks(AT_ONCE) {
            let mut arguments = vec![UNDER_WAY.as_bytes()];
            arguments.extend(chunk.iter().map(Member::as_bytes));
            drop(self.link.run(&script::FORGET, &[&entries], &arguments, Kind::Read).await);
        }
    }
}

/// The state of an entry's record.
#[derive(Debug, PartialEq, Eq)]
enum State {
    Absent,
    /// A record in this version that belongs to another owner or to none.
    Others(Vec<u8>),
    /// The owner's record, spared.
    Spared,
    /// The owner's record, now removed.
    Gone(Ticket),
}

impl State {
    fn gone(&self, key: &StoreKey) -> Option<Member> {
        match self {
            Self::Gone(ticket) => Some(Member::new(key, *ticket)),
            Self::Absent | Self::Others(_) | Self::Spared => None,
        }
    }

    fn settle(&mut self) {
        if let Self::Gone(_) = self {
            *self = Self::Absent;
        }
    }
}

impl Member {
    pub(crate) fn new(key: &StoreKey, ticket: Ticket) -> Self {
        let mut bytes = [0; LENGTH];
        bytes[..StoreKey::LEN].copy_from_slice(key.as_bytes());
        bytes[StoreKey::LEN..].copy_from_slice(&ticket);
        Self(bytes)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn key(&self) -> StoreKey {
        let mut key = [0; StoreKey::LEN];
        key.copy_from_slice(&self.0[..StoreKey::LEN]);
        StoreKey::from_bytes(key)
    }

    fn ticket(&self) -> Ticket {
        let mut ticket = Ticket::default();
        ticket.copy_from_slice(&self.0[StoreKey::LEN..]);
        ticket
    }
}

fn members(answer: Value) -> Result<Vec<Member>, StoreError> {
    let Value::Array(members) = answer else { return Err(strange(LISTING)) };
    let read = |member| match member {
        Value::BulkString(bytes) => <[u8; LENGTH]>::try_from(bytes).map(Member).ok(),
        _ => None,
    };
    members.into_iter().map(|member| read(member).ok_or_else(|| strange(LISTING))).collect()
}
