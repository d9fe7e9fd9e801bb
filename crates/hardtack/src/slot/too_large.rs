use std::fmt;

use hardtack_core::cookie::MAX_COOKIE_SIZE;

use crate::slot::Data;

/// The sentence that the inspector shows for a session that is too large. Only the log names the key.
pub(crate) const TOO_LARGE: &str = "the session is over the browser's limit of 4096 bytes for a cookie, or over \
                                    max_size in a store: store less under the key that the log names, or use \
                                    SessionLayer::stored";

/// The error for a session that is too large to write: larger than browsers accept in a cookie, or larger than the
/// limit of a stored session.
///
/// The message names the key under which less should be stored: in a cookie, the key that takes up most of it; in a
/// store, the key that has grown most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TooLarge {
    key: Option<Box<str>>,
    size: usize,
    limit: usize,
    is_cookie: bool,
}

impl TooLarge {
    /// Returns an error if browsers would ignore a cookie of `size` bytes, counting its name and its value.
    #[inline]
    pub(crate) fn for_cookie(data: &Data, size: usize) -> Option<Self> {
        (size > MAX_COOKIE_SIZE).then(|| {
            let whole = data.changes.whole(&data.base);
            let largest = whole.iter().max_by_key(|(_, text)| text.len()).map(|(key, _)| key.into());
            Self { key: largest, size, limit: MAX_COOKIE_SIZE, is_cookie: true }
        })
    }

    /// Returns an error if the data exceeds the limit of a store, in bytes of its wire text.
    ///
    /// A stored session may always shrink, even if it is still larger than the limit. The limit is checked per request,
    /// so the merged additions of concurrent requests may exceed it together.
    pub(crate) fn for_store(data: &Data, limit: usize) -> Option<Self> {
        let before = data.base.as_text().len();
        // Escaping makes a key at most six times as long; quotes, colon, and comma add four bytes.
        let grown = data.changes.texts().map(|(key, text)| 6 * key.len() + text.map_or(0, str::len) + 4);
        let may_exceed = before + grown.sum::<usize>() > limit;
        if may_exceed { Self::of_growth(data, limit) } else { None }
    }

    #[cold]
    fn of_growth(data: &Data, limit: usize) -> Option<Self> {
        let (before, size) = (data.base.as_text().len(), data.changes.text(&data.base).len());
        if size <= limit.max(before) {
            return None;
        }
        let growth = |key: &str, text: Option<&str>| {
            text.map_or(0, str::len).saturating_sub(data.base.get(key).map_or(0, str::len))
        };
        let key =
            data.changes.texts().max_by_key(|(key, text)| growth(key, *text)).map(|(key, _)| key.into());
        Some(Self { key, size, limit, is_cookie: false })
    }

    #[cold]
    pub(crate) fn log(&self) {
        tracing::error!("{self}");
    }
}

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { size, limit, .. } = self;
        let key = self.key.as_deref().unwrap_or_default();
        if self.is_cookie {
            write!(
                f,
                "the session cookie is {size} bytes, and browsers ignore cookies over {limit} bytes: store less \
                 under `{key}`, the largest value, or use SessionLayer::stored"
            )
        } else {
            write!(
                f,
                "the session would be {size} bytes, over its limit of {limit} bytes: store less under `{key}`, \
                 which grew the most (for example, an id instead of the data), or set SessionLayer::max_size"
            )
        }
    }
}

impl std::error::Error for TooLarge {}
