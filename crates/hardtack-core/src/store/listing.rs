use std::fmt;
use std::future::Future;
use std::time::SystemTime;

use crate::session::{ContentKind, Purpose, StoreKey};
use crate::store::{SessionStore, StoreError, Stored, Summary};

/// A store that can be gone through from one end to the other, page by page: for an operator's tools, which look at
/// sessions whoever they belong to.
///
/// It is apart from [`SessionStore`] because no request needs it, and not every store can do it.
///
/// A record that is there from before the first page until after the last comes in one of them, whatever else is
/// written meanwhile. Others may come or not. There is no order, and nothing is left out: neither what has expired, nor
/// tombstones, nor a session that is being renewed and so stands under two keys.
///
/// ```
/// use hardtack_core::session::{Purpose, Record, StoreKey};
/// use hardtack_core::store::{MemoryStore, SessionListing, SessionStore};
/// use std::time::{Duration, SystemTime};
///
/// # pollster::block_on(async {
/// let (store, now) = (MemoryStore::new(), SystemTime::UNIX_EPOCH);
/// for number in 0..250 {
///     let record = Record {
///         purpose: Purpose::default(),
///         data: b"{}"[..].into(),
///         login: None,
///         label: None,
///         created_at: now,
///         last_seen: now,
///         expires_at: now + Duration::from_secs(60),
///         deadline: now + Duration::from_secs(3600),
///     };
///     let _ = store.create(&StoreKey::from_bytes([number; 32]), &record).await?;
/// }
///
/// let (mut bytes, mut next) = (0, None);
/// loop {
///     let page = store.page(next.as_ref(), 100).await?;
///     bytes += page.records.iter().map(|listed| listed.size).sum::<u64>();
///     next = page.next;
///     if next.is_none() {
///         break;
///     }
/// }
/// assert_eq!(bytes, 500);
/// # Ok::<(), hardtack_core::store::StoreError>(())
/// # })?;
/// # Ok::<(), hardtack_core::store::StoreError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot list all of its sessions",
    note = "implement `SessionListing` for it, beside `SessionStore`"
)]
pub trait SessionListing: SessionStore {
    /// The first page, or the one that follows.
    ///
    /// It has at most `at_most` records, and never more than [`Page::LARGEST`]; 0 counts as 1. It may have fewer, even
    /// none, without being the last: the last is the one after which nothing is [next](Page::next). The work is
    /// proportional to the size of a page, not to what is kept.
    ///
    /// Records that cannot be decoded are left out as in [`owned_by`](SessionStore::owned_by).
    ///
    /// # Errors
    ///
    /// The machine behind the store is broken, or the cursor is another store's.
    fn page(
        &self,
        after: Option<&Cursor>,
        at_most: usize,
    ) -> impl Future<Output = Result<Page, StoreError>> + Send;
}

/// Some of a store's records, and where the others begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Records, without their data.
    pub records: Vec<Listed>,
    /// Where to go on; `None` at the end.
    pub next: Option<Cursor>,
}

/// A record as it is listed: all of it but its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// What is also told to its owner.
    pub summary: Summary,
    /// What the session is for.
    pub purpose: Purpose,
    /// When the session ends in any case.
    pub deadline: SystemTime,
    /// Whether it is a session, or the tombstone of one.
    pub content: ContentKind,
    /// How long its data is, in bytes.
    pub size: u64,
}

/// A place between two pages. Made by the store, and understood by it alone, also in another process.
///
/// # Security
///
/// It may hold a [`StoreKey`], and is as secret as one.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Cursor(Box<[u8]>);

impl Page {
    /// How many records a page has at most. More would keep others waiting where a store does one thing at a time.
    pub const LARGEST: usize = 1000;

    /// For implementors: how many records to look for where `at_most` were asked for.
    #[must_use]
    pub fn size(at_most: usize) -> usize {
        at_most.clamp(1, Self::LARGEST)
    }

    /// For implementors: a page of a store that lists by the order of its keys. It is the last if it has fewer than
    /// `size` records, as many as were looked for.
    #[must_use]
    pub fn by_key(records: Vec<Listed>, size: usize) -> Self {
        let last = records.last().filter(|_| records.len() >= size);
        let next = last.map(|listed| Cursor::from_bytes(*listed.summary.key.as_bytes()));
        Self { records, next }
    }
}

impl Listed {
    /// For implementors who have the whole record at hand.
    #[must_use]
    pub fn new(key: StoreKey, stored: &Stored) -> Self {
        let record = &stored.record;
        let summary = Summary {
            key,
            version: stored.version,
            login: record.login.clone(),
            label: record.label.clone(),
            created_at: record.created_at,
            last_seen: record.last_seen,
            expires_at: record.expires_at,
        };
        Self {
            summary,
            purpose: record.purpose.clone(),
            deadline: record.deadline,
            content: ContentKind::of(&record.data),
            size: record.data.len() as u64,
        }
    }
}

impl Cursor {
    /// Wraps the bytes that a store writes, or that someone has kept.
    pub fn from_bytes(bytes: impl Into<Box<[u8]>>) -> Self {
        Self(bytes.into())
    }

    /// What it was made from.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// For implementors: the key after which a page that [`Page::by_key`] made goes on.
    ///
    /// # Errors
    ///
    /// It is not of such a page.
    pub fn key(&self) -> Result<StoreKey, StoreError> {
        self.0[..].try_into().map(StoreKey::from_bytes).map_err(|_| self.strange())
    }

    /// For implementors: the error of a store that has not made this.
    #[must_use]
    pub fn strange(&self) -> StoreError {
        StoreError::new("listing sessions", "the cursor is not one that this store has given; begin anew")
    }
}

/// Redacted: it may hold a key.
impl fmt::Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cursor([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;
    use crate::store::Version;

    fn listed(number: u8) -> Listed {
        let summary = Summary {
            key: StoreKey::from_bytes([number; 32]),
            version: Version::new(1),
            login: None,
            label: None,
            created_at: UNIX_EPOCH,
            last_seen: UNIX_EPOCH,
            expires_at: UNIX_EPOCH,
        };
        let purpose = Purpose::default();
        Listed { summary, purpose, deadline: UNIX_EPOCH, content: ContentKind::Live, size: 0 }
    }

    #[test]
    fn a_full_page_goes_on_after_its_last_key() {
        let page = Page::by_key(vec![listed(1), listed(2)], 2);
        let next = page.next.unwrap();
        assert_eq!(next.key().unwrap(), StoreKey::from_bytes([2; 32]));
        assert_eq!(Cursor::from_bytes(next.as_bytes()), next);
        assert_eq!(Page::by_key(vec![listed(1)], 2).next, None);
        assert_eq!(Page::by_key(Vec::new(), 2).next, None);
    }

    #[test]
    fn a_strange_cursor_is_an_error_that_does_not_repeat_it() {
        let cursor = Cursor::from_bytes(*b"secret");
        let error = cursor.key().unwrap_err();
        assert!(!format!("{error:?} {cursor:?}").contains("secret"));
    }

    #[test]
    fn a_page_is_neither_empty_nor_endless() {
        assert_eq!((Page::size(0), Page::size(7), Page::size(usize::MAX)), (1, 7, Page::LARGEST));
    }
}
