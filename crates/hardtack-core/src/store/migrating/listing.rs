use crate::store::{Cursor, Listed, Page, SessionListing, SessionStore, StoreError};

use super::mark;
use super::store::MigratingStore;

/// Lists the pages of the first store, and then those of the second. A session that moves during the listing moves to a
/// store that is listed later. The session may therefore be returned twice, but is never missed.
///
/// The remains of moved sessions are not listed. A record that is still in the first store is listed with that store's
/// version. This version is not valid for a `MigratingStore`, because loading the record moves it and gives it a new
/// version.
impl<From: SessionListing, To: SessionListing> SessionListing for MigratingStore<From, To> {
    async fn page(&self, after: Option<&Cursor>, at_most: usize) -> Result<Page, StoreError> {
        let half = Half::read(after)?;
        let page = match &half {
            Half::From(after) => self.from.page(after.as_ref(), at_most).await?,
            Half::To(after) => self.to.page(after.as_ref(), at_most).await?,
        };
        let mut records = Vec::with_capacity(page.records.len());
        for listed in page.records {
            records.extend(self.seen(listed).await?);
        }
        let next = match half {
            Half::From(_) => Some(page.next.map_or(Half::To(None), |next| Half::From(Some(next)))),
            Half::To(_) => page.next.map(|next| Half::To(Some(next))),
        };
        Ok(Page { records, next: next.as_ref().map(Half::cursor) })
    }
}

impl<From: SessionStore, To: SessionStore> MigratingStore<From, To> {
    /// Returns a listed record as it appears to code that does not distinguish the two stores, or `None` if it is only
    /// the remains or a discarded copy of a session.
    async fn seen(&self, mut listed: Listed) -> Result<Option<Listed>, StoreError> {
        let label = listed.summary.label.as_deref();
        if mark::is_moved(label) {
            return Ok(None);
        }
        if mark::is_arriving(label) {
            // Loading decides whether the session still exists.
            let key = listed.summary.key;
            return Ok(self.load(&key).await?.map(|stored| Listed::of(key, &stored)));
        }
        listed.summary.label = listed.summary.label.map(mark::unmarked);
        Ok(Some(listed))
    }
}

/// A position in the listing: one of the two stores, and a cursor in it. `None` is the beginning of that store.
#[derive(Debug, PartialEq, Eq)]
enum Half {
    From(Option<Cursor>),
    To(Option<Cursor>),
}

const FROM: u8 = 0;
const TO: u8 = 1;
const TO_BEGINNING: u8 = 2;

impl Half {
    fn read(cursor: Option<&Cursor>) -> Result<Self, StoreError> {
        let Some(cursor) = cursor else { return Ok(Self::From(None)) };
        match cursor.as_bytes() {
            [FROM, after @ ..] => Ok(Self::From(Some(Cursor::from_bytes(after)))),
            [TO, after @ ..] => Ok(Self::To(Some(Cursor::from_bytes(after)))),
            [TO_BEGINNING] => Ok(Self::To(None)),
            _ => Err(cursor.strange()),
        }
    }

    fn cursor(&self) -> Cursor {
        let (half, after) = match self {
            Self::From(after) => (FROM, after),
            Self::To(None) => (TO_BEGINNING, &None),
            Self::To(after) => (TO, after),
        };
        let after = after.as_ref().map_or(&[][..], Cursor::as_bytes);
        Cursor::from_bytes([&[half], after].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_either_half_comes_back() {
        let place = |bytes: &[u8]| Some(Cursor::from_bytes(bytes));
        for half in [
            Half::From(place(b"there")),
            Half::From(place(b"")),
            Half::To(None),
            Half::To(place(b"")),
            Half::To(place(b"there")),
        ] {
            let cursor = half.cursor();
            assert_eq!(Half::read(Some(&cursor)).unwrap(), half);
        }
        assert_eq!(Half::read(None).unwrap(), Half::From(None));
    }
}
