use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::SystemTime;

use crate::protocol::{ContentKind, Purpose, StoreKey};
use crate::store::{SessionStore, StoreError, Stored, Summary};

/// A store whose records can all be listed, page by page. Operator tools use this trait to inspect sessions regardless
/// of their owner.
///
/// The trait is separate from [`SessionStore`] because requests do not need it, and not every store can implement it.
///
/// A record that exists from before the first page until after the last one is returned, regardless of concurrent
/// writes. Other records may or may not be returned. The order is unspecified. All kinds of records are included:
/// expired ones, tombstones, and a session that is being renewed, which is stored under two keys.
///
/// ```
/// use hardtack_core::protocol::{Purpose, Record, StoreKey};
/// use hardtack_core::store::{MemoryStore, SessionListing, SessionStore};
/// use std::time::{Duration, SystemTime};
///
/// # pollster::block_on(async {
/// let (store, now) = (MemoryStore::new(), SystemTime::UNIX_EPOCH);
/// for number in 0..250 {
///     let record = Record::new(Purpose::default(), *b"{}", now)
///         .expires_at(now + Duration::from_secs(60))
///         .deadline(now + Duration::from_secs(3600));
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
    /// Returns the first page, or the page that begins at a cursor.
    ///
    /// A page has at most `at_most` records, and never more than [`Page::MAX_SIZE`]; 0 is treated as 1. A page may have
    /// fewer records, or none, without being the last one: the last page is the one whose [`next`](Page::next) is
    /// `None`. The work is proportional to the size of a page, not to the size of the store.
    ///
    /// Records that cannot be decoded are skipped, as in [`owned_by`](SessionStore::owned_by).
    ///
    /// # Errors
    ///
    /// Returns an error if the backend fails, or if the cursor does not have this store's format. A cursor of another
    /// store of the same kind may go undetected.
    fn page(
        &self,
        after: Option<&Cursor>,
        at_most: usize,
    ) -> impl Future<Output = Result<Page, StoreError>> + Send;
}

/// Delegates to the shared store.
impl<S: SessionListing> SessionListing for Arc<S> {
    fn page(
        &self,
        after: Option<&Cursor>,
        at_most: usize,
    ) -> impl Future<Output = Result<Page, StoreError>> + Send {
        S::page(self, after, at_most)
    }
}

/// A page of a store's records, and the position of the next page.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page {
    /// The records, without their data.
    pub records: Vec<Listed>,
    /// The cursor of the next page, or `None` at the end.
    pub next: Option<Cursor>,
}

/// A record in a listing: everything except its data.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Listed {
    /// The part of the record that its owner can also see.
    pub summary: Summary,
    /// The purpose of the session.
    pub purpose: Purpose,
    /// When the session expires even if it is used continuously.
    pub deadline: SystemTime,
    /// Whether the record is a session or a tombstone.
    pub content: ContentKind,
    /// The length of the data, in bytes.
    pub size: u64,
}

/// A position between two pages. Only the store that created a cursor can interpret it, but it can do so in any
/// process.
///
/// # Security
///
/// A cursor may contain a [`StoreKey`], and must be kept as secret as a key.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Cursor(Box<[u8]>);

impl Page {
    /// The maximum number of records on a page. Larger pages would delay other requests in stores that execute one
    /// operation at a time.
    pub const MAX_SIZE: usize = 1000;

    /// For store authors: creates a page. Without a cursor, the page is the last one.
    #[must_use]
    pub const fn new(records: Vec<Listed>, next: Option<Cursor>) -> Self {
        Self { records, next }
    }

    /// For store authors: returns how many records to fetch for a requested `at_most`.
    #[must_use]
    pub fn size(at_most: usize) -> usize {
        at_most.clamp(1, Self::MAX_SIZE)
    }

    /// For store authors: creates a page for a store that lists records in key order. The page is the last one if it
    /// has fewer than `size` records, where `size` is the number of records that were requested from the backend.
    #[must_use]
    pub fn by_key(records: Vec<Listed>, size: usize) -> Self {
        let last = records.last().filter(|_| records.len() >= size);
        let next = last.map(|listed| Cursor::from_bytes(*listed.summary.key.as_bytes()));
        Self { records, next }
    }
}

impl Listed {
    /// For store authors: creates an entry. `size` is the length of the data, in bytes.
    #[must_use]
    pub const fn new(
        summary: Summary,
        purpose: Purpose,
        deadline: SystemTime,
        content: ContentKind,
        size: u64,
    ) -> Self {
        Self { summary, purpose, deadline, content, size }
    }

    /// For store authors: creates an entry from a complete record.
    #[must_use]
    pub fn of(key: StoreKey, stored: &Stored) -> Self {
        let record = &stored.record;
        Self {
            summary: Summary::of(key, stored),
            purpose: record.purpose.clone(),
            deadline: record.deadline,
            content: ContentKind::of(&record.data),
            size: record.data.len() as u64,
        }
    }
}

impl Cursor {
    /// Creates a cursor from the bytes of a position in a store, or from the saved bytes of another cursor.
    pub fn from_bytes(bytes: impl Into<Box<[u8]>>) -> Self {
        Self(bytes.into())
    }

    /// Returns the bytes of the cursor.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// For store authors: returns the key after which the page continues, for a cursor from [`Page::by_key`] or
    /// [`Rows`](crate::store::Rows).
    ///
    /// # Errors
    ///
    /// Returns an error if the cursor does not have the length of a key.
    pub fn key(&self) -> Result<StoreKey, StoreError> {
        self.0[..].try_into().map(StoreKey::from_bytes).map_err(|_| self.strange())
    }

    /// For store authors: creates the error for a cursor that does not have this store's format.
    #[must_use]
    pub fn strange(&self) -> StoreError {
        StoreError::new(
            "listing sessions",
            "this store did not issue the cursor: start again from the first page",
        )
    }
}

/// Redacted: a cursor may contain a key.
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
        assert_eq!((Page::size(0), Page::size(7), Page::size(usize::MAX)), (1, 7, Page::MAX_SIZE));
    }
}
