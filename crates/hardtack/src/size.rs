use std::fmt;

use hardtack_core::session::Act;

use crate::config::{Config, Kind};
use crate::sealed::{seal, times};
use crate::slot::{Open, Standing};

/// RFC 6265bis, section 5.6: a browser ignores a cookie whose name and value are longer together.
pub(crate) const MOST_BYTES: usize = 4096;

/// How large the data of a stored session may be unless the layer sets another limit.
pub(crate) const MAX_SIZE: usize = 1 << 20;

/// What the inspector says of it; the log names the key.
pub(crate) const TOO_LARGE: &str = "the session is larger than the 4096 bytes that a browser keeps of a cookie, or than \
                                    max_size in a store: store less under the key that the log names, or use \
                                    SessionLayer::stored";

/// Whether an act writes the session's data.
pub(crate) fn writes_data(act: Act) -> bool {
    match act {
        Act::Create | Act::Replace | Act::Renew | Act::Sever => true,
        Act::Nothing | Act::Touch | Act::End | Act::Drop => false,
    }
}

/// Why a session cannot be written: it is larger than a browser keeps of a cookie, or than the limit of a stored one.
///
/// As text it names the key to keep less under: the one that takes most of a cookie, or that has grown most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TooLarge {
    key: Option<Box<str>>,
    size: usize,
    limit: usize,
    is_cookie: bool,
}

/// How much too large a session is to be written as it is.
///
/// A stored session may shrink, even to more than its limit. What concurrent requests add to one that was within it is
/// merged, so that together they may pass it once.
pub(crate) fn excess(config: &Config, open: &Open) -> Option<TooLarge> {
    match &config.kind {
        Kind::Stored { .. } => {
            let before = open.base.as_text().len();
            // An escape makes a key six times as long at most; quotes, colon and comma are four bytes more.
            let grown = open.changes.texts().map(|(key, text)| 6 * key.len() + text.map_or(0, str::len) + 4);
            let may_exceed = before + grown.sum::<usize>() > config.max_size;
            if may_exceed { excess_of_stored(config, open) } else { None }
        }
        Kind::Signed { .. } | Kind::Encrypted { .. } => {
            let seal_before = match &open.standing {
                Standing::Sealed(seal) => Some(*seal),
                Standing::Nowhere | Standing::Stored(_) => None,
            };
            let text = open.changes.text(&open.base);
            let value = times(config, seal_before).and_then(|times| seal(config, times, &text, ["", ""]));
            excess_of_cookie(open, value.map_or(0, |value| config.cookie.size(value.len())))
        }
    }
}

#[cold]
fn excess_of_stored(config: &Config, open: &Open) -> Option<TooLarge> {
    let (before, size) = (open.base.as_text().len(), open.changes.text(&open.base).len());
    if size <= config.max_size.max(before) {
        return None;
    }
    let growth = |key: &str, text: Option<&str>| {
        text.map_or(0, str::len).saturating_sub(open.base.get(key).map_or(0, str::len))
    };
    let key = open.changes.texts().max_by_key(|(key, text)| growth(key, *text)).map(|(key, _)| key.into());
    Some(TooLarge { key, size, limit: config.max_size, is_cookie: false })
}

/// By how many bytes a cookie of this size is too large.
pub(crate) fn excess_of_cookie(open: &Open, size: usize) -> Option<TooLarge> {
    (size > MOST_BYTES).then(|| {
        let whole = open.changes.whole(&open.base);
        let largest = whole.iter().max_by_key(|(_, text)| text.len()).map(|(key, _)| key.into());
        TooLarge { key: largest, size, limit: MOST_BYTES, is_cookie: true }
    })
}

impl TooLarge {
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
                "the session's cookie has {size} bytes, and browsers ignore cookies over {limit} bytes: keep less under \
                 `{key}`, which takes most of it, or use SessionLayer::stored"
            )
        } else {
            write!(
                f,
                "the session would have {size} bytes, and its limit is {limit}: keep less under `{key}`, which has grown \
                 most, such as an id in place of the data, or set SessionLayer::max_size"
            )
        }
    }
}

impl std::error::Error for TooLarge {}
