use std::fmt;
use std::sync::Arc;

use crate::protocol::record::Redacted;
use crate::protocol::{Dictionary, StoreKey};
use crate::{Error, ErrorKind};

/// The content of a record's data: a live session or a tombstone.
///
/// ```
/// use hardtack_core::protocol::{Content, Dictionary};
///
/// let live = Content::Live(Dictionary::parse(r#"{"n":1}"#)?);
/// assert_eq!(&*live.to_data(), br#"{"n":1}"#);
/// assert_eq!(Content::from_data(&live.to_data())?, live);
/// assert_eq!(Content::from_data(&Content::Ended.to_data())?, Content::Ended);
/// # Ok::<(), hardtack_core::Error>(())
/// ```
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Content {
    /// A live session.
    Live(Dictionary),
    /// The session was renewed and is stored under this key, from which late requests are served.
    Moved(StoreKey),
    /// The session was ended by a login or logout. Late requests get no session and write nothing.
    Ended,
}

/// The kind of a record's content, for code that scans many records without parsing them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ContentKind {
    /// A session, which may have expired or be unreadable.
    Live,
    /// A tombstone that forwards to the key of the renewed session.
    Moved,
    /// The tombstone of a session that a login or logout has ended.
    Ended,
}

// A live session is stored as its JSON text, which is readable in the store. JSON text begins with neither of these
// bytes.
const MOVED: u8 = 1;
const ENDED: u8 = 2;

impl Content {
    /// Returns the bytes that a store keeps.
    pub fn to_data(&self) -> Arc<[u8]> {
        match self {
            Self::Live(dictionary) => Self::live_data(dictionary.as_text()),
            Self::Moved(to) => {
                let mut data = Vec::with_capacity(1 + StoreKey::LEN);
                data.push(MOVED);
                data.extend_from_slice(to.as_bytes());
                data.into()
            }
            Self::Ended => [ENDED].into(),
        }
    }

    /// Returns the dictionary of a live session, or `None` for a tombstone.
    #[must_use]
    pub fn into_live(self) -> Option<Dictionary> {
        match self {
            Self::Live(dictionary) => Some(dictionary),
            Self::Moved(_) | Self::Ended => None,
        }
    }

    /// Returns the bytes that a store keeps for a live session, given its [text](Dictionary::as_text).
    pub(crate) fn live_data(text: &str) -> Arc<[u8]> {
        text.as_bytes().into()
    }

    /// Parses the output of [`to_data`](Content::to_data).
    ///
    /// # Errors
    ///
    /// Returns an error if the data is neither a session nor a tombstone, because it is damaged or another program
    /// wrote it.
    pub fn from_data(data: &[u8]) -> Result<Self, Error> {
        match data {
            [MOVED, key @ ..] => {
                let key = key.try_into().map_err(|_| unreadable())?;
                Ok(Self::Moved(StoreKey::from_bytes(key)))
            }
            [ENDED] => Ok(Self::Ended),
            text => {
                let text = std::str::from_utf8(text).map_err(|_| unreadable())?;
                Dictionary::parse(text).map(Self::Live)
            }
        }
    }
}

impl ContentKind {
    /// Returns the kind of a record's content, given the beginning of its data. One byte is sufficient.
    #[must_use]
    pub fn of(beginning: &[u8]) -> Self {
        match beginning {
            [MOVED, ..] => Self::Moved,
            [ENDED, ..] => Self::Ended,
            _ => Self::Live,
        }
    }
}

/// Shows the length of a live session's text, but not the text.
impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Live(dictionary) => {
                f.debug_tuple("Live").field(&Redacted(dictionary.as_text().len())).finish()
            }
            Self::Moved(to) => f.debug_tuple("Moved").field(to).finish(),
            Self::Ended => f.write_str("Ended"),
        }
    }
}

fn unreadable() -> Error {
    Error::new(ErrorKind::Value, "the stored record is neither a session nor a tombstone")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_content_comes_back() {
        let live = Content::Live(Dictionary::parse(r#"{"a":1}"#).unwrap());
        for (content, kind) in [
            (live, ContentKind::Live),
            (Content::Moved(StoreKey::from_bytes([7; 32])), ContentKind::Moved),
            (Content::Ended, ContentKind::Ended),
        ] {
            let data = content.to_data();
            assert_eq!(Content::from_data(&data).unwrap(), content);
            assert_eq!(ContentKind::of(&data[..1]), kind);
        }
        assert_eq!(ContentKind::of(b""), ContentKind::Live);
    }

    #[test]
    fn a_live_session_is_stored_as_its_text() {
        let live = Content::Live(Dictionary::parse(r#"{"a":1}"#).unwrap());
        assert_eq!(&*live.to_data(), br#"{"a":1}"#);
    }

    #[test]
    fn debug_shows_no_value() {
        let live = Content::Live(Dictionary::parse(r#"{"card":"4111"}"#).unwrap());
        assert_eq!(format!("{live:?}"), "Live([15 bytes])");
        assert_eq!(
            format!("{:?}", Content::Moved(StoreKey::from_bytes([7; 32]))),
            "Moved(StoreKey([redacted]))"
        );
    }

    #[test]
    fn strange_data_is_an_error() {
        for data in [&b"\x01short"[..], b"\x02more", b"\xff", b"nonsense", b"{"] {
            assert!(Content::from_data(data).is_err(), "{data:?}");
        }
    }
}
