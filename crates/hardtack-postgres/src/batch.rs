use hardtack_core::protocol::{Record, StoreKey};
use hardtack_core::store::{Version, millis};
use hardtack_sql::Write;

/// The writes of a batch, grouped by the statements that execute them.
#[derive(Debug, Default)]
pub(crate) struct Batch<'a> {
    pub(crate) creates: Vec<Create<'a>>,
    pub(crate) changes: Vec<Change<'a>>,
    pub(crate) deletes: Vec<(StoreKey, Version)>,
    /// Where the result of each write is, in the order of the writes.
    pub(crate) sources: Vec<ResultSource>,
}

#[derive(Debug)]
pub(crate) struct Create<'a> {
    pub(crate) key: StoreKey,
    pub(crate) version: Version,
    pub(crate) record: &'a Record,
}

/// A replacement or a touch. One statement executes changes of both kinds, so that together they cost one disk sync.
#[derive(Debug)]
pub(crate) struct Change<'a> {
    pub(crate) key: StoreKey,
    pub(crate) expected: Version,
    /// The new version and record, or `None` for a touch.
    pub(crate) to: Option<(Version, &'a Record)>,
    /// The time of last use. This field and the next one are in milliseconds since 1970.
    pub(crate) last_seen: i64,
    pub(crate) expires_at: i64,
}

/// Where the result of a write is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ResultSource {
    /// In the result of this create.
    Create(usize),
    /// In the result of this change.
    Change(usize),
    /// The write is refused, because the change at this index replaces the same version of the same record.
    Superseded(usize),
    /// In the result of this delete.
    Delete(usize),
    /// In the result of the statement that executes only this write.
    Own,
}

impl<'a> Batch<'a> {
    /// Groups writes, which must be sorted by key. A statement changes each record only once, so the batch keeps one
    /// change per version of a record. If there are replacements of a version, the first one is kept: the other
    /// replacements are refused, and touches succeed without a change of their own, as if they had been made just
    /// before the replacement. If there are only touches, the last one is kept.
    pub(crate) fn of(writes: &'a [Write]) -> Self {
        let mut batch = Self::default();
        for write in writes {
            let source = match write {
                Write::Create { key, version, record } => {
                    batch.creates.push(Create { key: *key, version: *version, record });
                    ResultSource::Create(batch.creates.len() - 1)
                }
                Write::Replace { key, expected, version, record } => {
                    let change = Change {
                        key: *key,
                        expected: *expected,
                        to: Some((*version, record)),
                        last_seen: millis(record.last_seen),
                        expires_at: millis(record.expires_at),
                    };
                    let index = batch.index_of(key, *expected);
                    match batch.changes.get_mut(index) {
                        Some(first) if first.to.is_some() => ResultSource::Superseded(index),
                        Some(touch) => {
                            *touch = change;
                            ResultSource::Change(index)
                        }
                        None => {
                            batch.changes.push(change);
                            ResultSource::Change(index)
                        }
                    }
                }
                Write::Touch { key, expected, last_seen, expires_at } => {
                    let (key, expected) = (*key, *expected);
                    let (last_seen, expires_at) = (*last_seen, *expires_at);
                    let touch = Change { key, expected, to: None, last_seen, expires_at };
                    let index = batch.index_of(&key, expected);
                    match batch.changes.get_mut(index) {
                        Some(first) if first.to.is_some() => {}
                        Some(before) => *before = touch,
                        None => batch.changes.push(touch),
                    }
                    ResultSource::Change(index)
                }
                Write::Delete { key, expected } => {
                    batch.deletes.push((*key, *expected));
                    ResultSource::Delete(batch.deletes.len() - 1)
                }
                Write::DeleteOwnedBy { .. } | Write::Sweep { .. } => ResultSource::Own,
            };
            batch.sources.push(source);
        }
        batch
    }

    /// Returns the index of the change to this version of the record, or the index at which to insert a change if there
    /// is none.
    fn index_of(&self, key: &StoreKey, expected: Version) -> usize {
        let of_key = self.changes.iter().enumerate().rev().take_while(|(_, change)| change.key == *key);
        let mut of_version = of_key.filter(|(_, change)| change.expected == expected);
        of_version.next().map_or(self.changes.len(), |(index, _)| index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hardtack_core::protocol::Purpose;
    use std::time::UNIX_EPOCH;

    fn key(number: u8) -> StoreKey {
        StoreKey::from_bytes([number; 32])
    }

    fn replace(number: u8, expected: u64, version: u64) -> Write {
        let now = UNIX_EPOCH;
        let record = Record::new(Purpose::default(), *b"data", now);
        let (expected, version) = (Version::new(expected), Version::new(version));
        Write::Replace { key: key(number), expected, version, record }
    }

    fn touch(number: u8, expected: u64, last_seen: i64) -> Write {
        Write::Touch { key: key(number), expected: Version::new(expected), last_seen, expires_at: 9 }
    }

    #[test]
    fn the_first_replacement_of_a_version_is_made() {
        use ResultSource::{Change, Superseded};
        for (writes, sources, made) in [
            (vec![replace(1, 1, 7), replace(1, 1, 8)], vec![Change(0), Superseded(0)], vec![Some(7)]),
            (vec![replace(1, 1, 7), replace(1, 2, 8)], vec![Change(0), Change(1)], vec![Some(7), Some(8)]),
            (vec![replace(1, 1, 7), replace(2, 1, 8)], vec![Change(0), Change(1)], vec![Some(7), Some(8)]),
            (vec![replace(1, 1, 7), touch(1, 1, 5)], vec![Change(0), Change(0)], vec![Some(7)]),
            (vec![touch(1, 1, 5), replace(1, 1, 7)], vec![Change(0), Change(0)], vec![Some(7)]),
            (
                vec![touch(1, 1, 5), replace(1, 1, 7), touch(1, 1, 6), replace(1, 1, 8)],
                vec![Change(0), Change(0), Change(0), Superseded(0)],
                vec![Some(7)],
            ),
            (vec![touch(2, 1, 5), touch(1, 1, 5)], vec![Change(0), Change(1)], vec![None, None]),
        ] {
            let batch = Batch::of(&writes);
            assert_eq!(batch.sources, sources);
            let versions = batch.changes.iter().map(|change| change.to.map(|(version, _)| version.get()));
            assert_eq!(versions.collect::<Vec<_>>(), made);
        }
    }

    #[test]
    fn the_last_of_several_touches_is_made() {
        let writes = [touch(1, 1, 5), touch(1, 1, 6)];
        let batch = Batch::of(&writes);
        assert_eq!(batch.sources, [ResultSource::Change(0), ResultSource::Change(0)]);
        assert_eq!(batch.changes.iter().map(|change| change.last_seen).collect::<Vec<_>>(), [6]);
    }

    #[test]
    fn other_writes_are_not_combined() {
        let delete = || Write::Delete { key: key(1), expected: Version::new(1) };
        let writes = [delete(), replace(1, 1, 7), delete(), Write::Sweep { now: 0, at_most: 1 }];
        let batch = Batch::of(&writes);
        use ResultSource::{Change, Delete, Own};
        assert_eq!(batch.sources, [Delete(0), Change(0), Delete(1), Own]);
    }
}
