use hardtack_core::session::{Record, StoreKey};
use hardtack_core::store::{Version, millis};
use hardtack_sql::Write;

/// The writes of a batch, sorted into the statements that execute them.
#[derive(Debug, Default)]
pub(crate) struct Group<'a> {
    pub(crate) creates: Vec<Create<'a>>,
    pub(crate) changes: Vec<Change<'a>>,
    pub(crate) deletes: Vec<(StoreKey, Version)>,
    /// Where each write finds its answer, in the order of the writes.
    pub(crate) answers: Vec<Answer>,
}

#[derive(Debug)]
pub(crate) struct Create<'a> {
    pub(crate) key: StoreKey,
    pub(crate) version: Version,
    pub(crate) record: &'a Record,
}

/// A replacement or a touch. One statement does both, so both together cost one disk sync.
#[derive(Debug)]
pub(crate) struct Change<'a> {
    pub(crate) key: StoreKey,
    pub(crate) expected: Version,
    /// `None` for a touch.
    pub(crate) to: Option<(Version, &'a Record)>,
    /// In milliseconds since 1970, like the next field.
    pub(crate) last_seen: i64,
    pub(crate) expires_at: i64,
}

/// Where a write finds its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// In the result of this create.
    Created(usize),
    /// In the result of this change.
    Changed(usize),
    /// Refused, because this change of the same record and version comes first.
    CameAfter(usize),
    /// In the result of this delete.
    Deleted(usize),
    /// In the result of its own statement.
    Alone,
}

impl<'a> Group<'a> {
    /// Groups writes that are in key order. A statement changes a record only once, so of several changes of one
    /// version, the first replacement is made: touches count as made just before it, and other replacements as refused
    /// just after it. If there are only touches, the last one is made.
    pub(crate) fn of(writes: &'a [Write]) -> Self {
        let mut group = Self::default();
        for write in writes {
            let answer = match write {
                Write::Create { key, version, record } => {
                    group.creates.push(Create { key: *key, version: *version, record });
                    Answer::Created(group.creates.len() - 1)
                }
                Write::Replace { key, expected, version, record } => {
                    let change = Change {
                        key: *key,
                        expected: *expected,
                        to: Some((*version, record)),
                        last_seen: millis(record.last_seen),
                        expires_at: millis(record.expires_at),
                    };
                    let place = group.place_of(key, *expected);
                    match group.changes.get_mut(place) {
                        Some(first) if first.to.is_some() => Answer::CameAfter(place),
                        Some(touch) => {
                            *touch = change;
                            Answer::Changed(place)
                        }
                        None => {
                            group.changes.push(change);
                            Answer::Changed(place)
                        }
                    }
                }
                Write::Touch { key, expected, last_seen, expires_at } => {
                    let (key, expected) = (*key, *expected);
                    let (last_seen, expires_at) = (*last_seen, *expires_at);
                    let touch = Change { key, expected, to: None, last_seen, expires_at };
                    let place = group.place_of(&key, expected);
                    match group.changes.get_mut(place) {
                        Some(first) if first.to.is_some() => {}
                        Some(before) => *before = touch,
                        None => group.changes.push(touch),
                    }
                    Answer::Changed(place)
                }
                Write::Delete { key, expected } => {
                    group.deletes.push((*key, *expected));
                    Answer::Deleted(group.deletes.len() - 1)
                }
                Write::DeleteOwnedBy { .. } | Write::Sweep { .. } => Answer::Alone,
            };
            group.answers.push(answer);
        }
        group
    }

    /// Returns the index of the change of this version, or the index at which to insert it.
    fn place_of(&self, key: &StoreKey, expected: Version) -> usize {
        let of_key = self.changes.iter().enumerate().rev().take_while(|(_, change)| change.key == *key);
        let mut of_version = of_key.filter(|(_, change)| change.expected == expected);
        of_version.next().map_or(self.changes.len(), |(place, _)| place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hardtack_core::session::Purpose;
    use std::time::UNIX_EPOCH;

    fn key(number: u8) -> StoreKey {
        StoreKey::from_bytes([number; 32])
    }

    fn replace(number: u8, expected: u64, version: u64) -> Write {
        let now = UNIX_EPOCH;
        let record = Record {
            purpose: Purpose::default(),
            data: b"data"[..].into(),
            login: None,
            label: None,
            created_at: now,
            last_seen: now,
            expires_at: now,
            deadline: now,
        };
        let (expected, version) = (Version::new(expected), Version::new(version));
        Write::Replace { key: key(number), expected, version, record }
    }

    fn touch(number: u8, expected: u64, last_seen: i64) -> Write {
        Write::Touch { key: key(number), expected: Version::new(expected), last_seen, expires_at: 9 }
    }

    #[test]
    fn of_changes_of_one_version_the_first_replacement_is_made() {
        use Answer::{CameAfter, Changed};
        for (writes, answers, made) in [
            (vec![replace(1, 1, 7), replace(1, 1, 8)], vec![Changed(0), CameAfter(0)], vec![Some(7)]),
            (vec![replace(1, 1, 7), replace(1, 2, 8)], vec![Changed(0), Changed(1)], vec![Some(7), Some(8)]),
            (vec![replace(1, 1, 7), replace(2, 1, 8)], vec![Changed(0), Changed(1)], vec![Some(7), Some(8)]),
            (vec![replace(1, 1, 7), touch(1, 1, 5)], vec![Changed(0), Changed(0)], vec![Some(7)]),
            (vec![touch(1, 1, 5), replace(1, 1, 7)], vec![Changed(0), Changed(0)], vec![Some(7)]),
            (
                vec![touch(1, 1, 5), replace(1, 1, 7), touch(1, 1, 6), replace(1, 1, 8)],
                vec![Changed(0), Changed(0), Changed(0), CameAfter(0)],
                vec![Some(7)],
            ),
            (vec![touch(2, 1, 5), touch(1, 1, 5)], vec![Changed(0), Changed(1)], vec![None, None]),
        ] {
            let group = Group::of(&writes);
            assert_eq!(group.answers, answers);
            let versions = group.changes.iter().map(|change| change.to.map(|(version, _)| version.get()));
            assert_eq!(versions.collect::<Vec<_>>(), made);
        }
    }

    #[test]
    fn of_touches_alone_the_last_is_made() {
        let writes = [touch(1, 1, 5), touch(1, 1, 6)];
        let group = Group::of(&writes);
        assert_eq!(group.answers, [Answer::Changed(0), Answer::Changed(0)]);
        assert_eq!(group.changes.iter().map(|change| change.last_seen).collect::<Vec<_>>(), [6]);
    }

    #[test]
    fn every_other_write_has_its_own_place() {
        let delete = || Write::Delete { key: key(1), expected: Version::new(1) };
        let writes = [delete(), replace(1, 1, 7), delete(), Write::Sweep { now: 0, at_most: 1 }];
        let group = Group::of(&writes);
        use Answer::{Alone, Changed, Deleted};
        assert_eq!(group.answers, [Deleted(0), Changed(0), Deleted(1), Alone]);
    }
}
