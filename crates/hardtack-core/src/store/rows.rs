use crate::protocol::StoreKey;
use crate::store::{Cursor, Listed, Page, StoreError};

/// For store authors: a listing that is read in key order, row by row.
///
/// A row that cannot be decoded is skipped and counted for the log, so that one damaged record does not hide the
/// others.
///
/// ```
/// use hardtack_core::store::{Rows, StoreError};
///
/// let table = [(1_u8, Ok("a")), (2, Err("cut short")), (3, Ok("b"))];
/// let mut rows = Rows::filling(None, 2);
/// while let Some((after, at_most)) = rows.next() {
///     let after = after.first().copied().unwrap_or(0);
///     let found = table.iter().filter(|(key, _)| *key > after).take(at_most);
///     rows.add(found.map(|(key, row)| ([*key].into(), row.map_err(StoreError::unreadable))).collect());
/// }
/// assert_eq!(rows.left_out().map(|left_out| left_out.count), Some(1));
/// assert_eq!(rows.into_records(), ["a", "b"]);
/// ```
#[derive(Debug)]
pub struct Rows<T> {
    wanted: usize,
    /// Whether to continue until the requested number of records is found.
    fills: bool,
    records: Vec<T>,
    left_out: Option<LeftOut>,
    /// The key of the last row that was read.
    last: Box<[u8]>,
    looked: bool,
    is_done: bool,
}

/// A row's key as it is stored, and the decoded row or its error.
pub type Row<T, E = StoreError> = (Box<[u8]>, Result<T, E>);

/// The records that are missing from a listing because they cannot be decoded.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct LeftOut {
    /// The number of records.
    pub count: u64,
    /// The error of the first record.
    pub first: StoreError,
}

/// For store authors: the log message for records that were left out of a listing.
pub const LEFT_OUT: &str =
    "stored sessions cannot be read: they were omitted from a list and remain in the store";

impl LeftOut {
    /// Adds a record that cannot be decoded to the count.
    pub fn note(left_out: &mut Option<Self>, error: StoreError) {
        match left_out {
            Some(left_out) => left_out.count += 1,
            None => *left_out = Some(Self { count: 1, first: error }),
        }
    }
}

impl<T> Rows<T> {
    /// Creates a listing that continues until it has the requested number of records, or until there are no more.
    #[must_use]
    pub fn filling(after: Option<&StoreKey>, wanted: usize) -> Self {
        let last = after.map_or(&[][..], |key| key.as_bytes()).into();
        Self { wanted, fills: true, records: Vec::new(), left_out: None, last, looked: false, is_done: false }
    }

    /// Creates a listing that reads the requested number of rows. The result may have fewer records, and more rows may
    /// follow.
    #[must_use]
    pub fn page(after: Option<&StoreKey>, wanted: usize) -> Self {
        Self { fills: false, ..Self::filling(after, wanted) }
    }

    /// Returns the key after which to fetch rows, and how many to fetch, or `None` once the listing is complete.
    #[must_use]
    pub fn next(&self) -> Option<(&[u8], usize)> {
        let rest = self.wanted - self.records.len();
        // A cursor must contain a valid key, so a page continues after a last row whose key is malformed.
        let goes_on = !self.looked || self.fills || self.last.len() != StoreKey::LEN;
        (!self.is_done && rest > 0 && goes_on).then_some((&self.last, rest))
    }

    /// Adds the rows that were fetched. If there are fewer than requested, the listing is complete.
    pub fn add(&mut self, rows: Vec<Row<T>>) {
        self.looked = true;
        self.is_done = rows.len() < self.wanted - self.records.len();
        for (key, row) in rows {
            match row {
                Ok(record) => self.records.push(record),
                Err(error) => LeftOut::note(&mut self.left_out, error),
            }
            self.last = key;
        }
    }

    /// Returns the number of skipped records and the first error, or `None` if no record was skipped.
    #[must_use]
    pub fn left_out(&self) -> Option<&LeftOut> {
        self.left_out.as_ref()
    }

    /// Returns the records that were found.
    #[must_use]
    pub fn into_records(self) -> Vec<T> {
        self.records
    }
}

impl Rows<Listed> {
    /// Returns the records that were found, and where the next page begins.
    #[must_use]
    pub fn into_page(self) -> Page {
        let next = (!self.is_done).then(|| Cursor::from_bytes(self.last));
        Page { records: self.records, next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(key: &[u8], is_good: bool) -> Row<u8> {
        let content = if is_good { Ok(key[0]) } else { Err(StoreError::unreadable("it is truncated")) };
        (key.into(), content)
    }

    /// Lists a table, and returns the listing and the number of queries.
    fn run(mut rows: Rows<u8>, table: &[Row<u8>]) -> (Rows<u8>, usize) {
        let mut looks = 0;
        while let Some((after, at_most)) = rows.next() {
            let after = after.to_vec();
            let found = table.iter().filter(|(key, _)| **key > *after).take(at_most);
            rows.add(found.map(|(key, content)| (key.clone(), content.clone())).collect());
            looks += 1;
        }
        (rows, looks)
    }

    fn table(good: &[bool]) -> Vec<Row<u8>> {
        good.iter().zip(1..).map(|(is_good, number)| row(&[number; StoreKey::LEN], *is_good)).collect()
    }

    #[test]
    fn what_cannot_be_decoded_makes_room_for_what_follows() {
        let (rows, _) = run(Rows::filling(None, 2), &table(&[false, true, false, false, true, true]));
        assert_eq!(rows.left_out().map(|left_out| left_out.count), Some(3));
        assert_eq!(rows.into_records(), [2, 5]);
        let (rows, _) = run(Rows::filling(None, 2), &table(&[false, false, true, false]));
        assert_eq!(rows.left_out().map(|left_out| left_out.count), Some(3));
        assert_eq!(rows.into_records(), [3]);
    }

    #[test]
    fn a_page_looks_once_and_goes_on_behind_what_cannot_be_decoded() {
        let table = table(&[true, false, true]);
        let (rows, looks) = run(Rows::page(None, 2), &table);
        assert_eq!((looks, rows.is_done, &*rows.last), (1, false, &[2; StoreKey::LEN][..]));
        assert_eq!(rows.into_records(), [1]);
        let (rows, looks) = run(Rows::page(Some(&StoreKey::from_bytes([2; StoreKey::LEN])), 2), &table);
        assert_eq!((looks, rows.is_done), (1, true));
        assert_eq!(rows.into_records(), [3]);
    }

    #[test]
    fn a_page_does_not_end_at_what_is_no_key() {
        let table = [row(&[1], false), row(&[2, 2], false), row(&[3; StoreKey::LEN], true), row(&[4], false)];
        let (rows, looks) = run(Rows::page(None, 1), &table);
        assert_eq!((looks, &*rows.last), (3, &[3; StoreKey::LEN][..]));
        assert_eq!(rows.into_records(), [3]);
    }

    #[test]
    fn nothing_is_left_out_where_all_can_be_decoded() {
        let (rows, looks) = run(Rows::filling(None, 3), &table(&[true; 3]));
        assert_eq!(looks, 1);
        assert!(rows.left_out().is_none());
    }
}
