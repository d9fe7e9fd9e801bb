use std::sync::Arc;

use crate::protocol::{Content, Record};
use crate::store::{Stored, Version};

/// The role of a record during a move. It is encoded in the label, which then begins with a control character. A device
/// label that begins with the same character is written with an additional mark in front of it.
#[derive(Debug)]
pub(super) enum Mark {
    /// A normal session.
    Live(Stored),
    /// A copy that is not treated as a session yet. The first store decides whether it becomes a session.
    Arriving {
        /// The record that the copy will become.
        copy: Record,
        /// The version of this copy.
        version: Version,
        /// The version of the original that was copied.
        of: Version,
    },
    /// The remains of a session that was moved, in the store from which it was moved.
    Moved {
        /// The version of the remains.
        version: Version,
        /// The version of the copy that replaced the session.
        to: Version,
    },
}

const MARK: char = '\u{1}';
const LIVE: &str = "\u{1}live ";
const ARRIVING: &str = "\u{1}arriving ";
const MOVED: &str = "\u{1}moved ";

/// The number of characters in the encoded form of a version.
const DIGITS: usize = 16;

impl Mark {
    pub(super) fn read(mut stored: Stored) -> Self {
        let version = stored.version;
        let Some(label) = stored.record.label.take_if(|label| label.starts_with(MARK)) else {
            return Self::Live(stored);
        };
        if let Some((of, rest)) = label.strip_prefix(ARRIVING).and_then(versioned) {
            stored.record.label = rest.strip_prefix('+').map(Arc::from);
            return Self::Arriving { copy: stored.record, version, of };
        }
        if let Some((to, "")) = label.strip_prefix(MOVED).and_then(versioned) {
            return Self::Moved { version, to };
        }
        stored.record.label = Some(label.strip_prefix(LIVE).map_or_else(|| Arc::clone(&label), Arc::from));
        Self::Live(stored)
    }
}

/// Returns the marked form of a session, or `None` if it can be written unchanged, as is nearly always the case.
pub(super) fn live(record: &Record) -> Option<Record> {
    let label = record.label.as_ref().filter(|label| label.starts_with(MARK))?;
    Some(Record { label: Some(format!("{LIVE}{label}").into()), ..record.clone() })
}

/// Returns the copy of a session. `of` is the version of the original.
pub(super) fn arriving(record: &Record, of: Version) -> Record {
    let (sign, label) = record.label.as_ref().map_or(("-", ""), |label| ("+", label));
    let label = format!("{ARRIVING}{:0DIGITS$x}{sign}{label}", of.get());
    Record { label: Some(label.into()), ..record.clone() }
}

/// Returns the record that is left in place of a moved session. `to` is the version of its copy. The record has no
/// owner, and code that does not decode marks reads it as a session that has ended.
pub(super) fn moved(record: &Record, to: Version) -> Record {
    Record {
        data: Content::Ended.to_data(),
        login: None,
        label: Some(format!("{MOVED}{:0DIGITS$x}", to.get()).into()),
        ..record.clone()
    }
}

/// Returns whether a record has a mark.
pub(super) fn is_marked(stored: &Stored) -> bool {
    stored.record.label.as_ref().is_some_and(|label| label.starts_with(MARK))
}

/// Returns whether a label belongs to a copy that is not a session yet.
pub(super) fn is_arriving(label: Option<&str>) -> bool {
    label.is_some_and(|label| label.strip_prefix(ARRIVING).and_then(versioned).is_some())
}

/// Returns whether a label belongs to the remains of a session that was moved.
pub(super) fn is_moved(label: Option<&str>) -> bool {
    label.is_some_and(|label| matches!(label.strip_prefix(MOVED).and_then(versioned), Some((_, ""))))
}

/// Returns a label as the application set it.
pub(super) fn unmarked(label: Arc<str>) -> Arc<str> {
    label.strip_prefix(LIVE).map_or_else(|| Arc::clone(&label), Arc::from)
}

fn versioned(text: &str) -> Option<(Version, &str)> {
    let (digits, rest) = text.split_at_checked(DIGITS)?;
    u64::from_str_radix(digits, 16).ok().map(|number| (Version::new(number), rest))
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;
    use crate::protocol::{Lineage, Login, Owner, Purpose};

    const VERSION: Version = Version::new(u64::MAX - 3);

    fn record(label: Option<&str>) -> Record {
        Record {
            purpose: Purpose::default(),
            data: b"data"[..].into(),
            login: Some(Login { owner: Owner::new("ada"), lineage: Lineage::from_random([7; 16]) }),
            label: label.map(Arc::from),
            created_at: UNIX_EPOCH,
            last_seen: UNIX_EPOCH,
            expires_at: UNIX_EPOCH,
            deadline: UNIX_EPOCH,
        }
    }

    const LABELS: [Option<&str>; 7] = [
        None,
        Some(""),
        Some("phone"),
        Some("\u{1}"),
        Some("\u{1}live "),
        Some("\u{1}arriving 0123456789abcdef+"),
        Some("\u{1}moved 0123456789abcdef"),
    ];

    #[test]
    fn a_session_comes_back_whatever_its_label() {
        for label in LABELS {
            let record = record(label);
            let written = live(&record).unwrap_or_else(|| record.clone());
            match Mark::read(Stored { record: written, version: VERSION }) {
                Mark::Live(stored) => assert_eq!(stored, Stored { record, version: VERSION }),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn a_copy_comes_back_with_the_version_it_was_copied_from() {
        for label in LABELS {
            let record = record(label);
            let copied = arriving(&record, VERSION);
            assert!(is_arriving(copied.label.as_deref()));
            match Mark::read(Stored { record: copied, version: Version::new(1) }) {
                Mark::Arriving { copy, version, of } => {
                    assert_eq!((copy, version, of), (record, Version::new(1), VERSION));
                }
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn what_is_left_names_the_copy_and_nobody() {
        let left = moved(&record(Some("phone")), VERSION);
        assert!(is_moved(left.label.as_deref()));
        assert_eq!((&left.login, Content::from_data(&left.data).unwrap()), (&None, Content::Ended));
        match Mark::read(Stored { record: left, version: Version::new(1) }) {
            Mark::Moved { version, to } => assert_eq!((version, to), (Version::new(1), VERSION)),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_strange_mark_is_a_label() {
        for label in ["\u{1}arriving", "\u{1}arriving 0123456789abcde\u{e9}+", "\u{1}moved 0123456789abcdef!"]
        {
            let stored = Stored { record: record(Some(label)), version: VERSION };
            assert!(!is_moved(Some(label)) && !is_arriving(Some(label)));
            assert!(matches!(Mark::read(stored.clone()), Mark::Live(same) if same == stored), "{label:?}");
        }
    }
}
