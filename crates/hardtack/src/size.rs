use hardtack_core::session::Act;

use crate::config::{Config, Kind};
use crate::sealed::{seal, times};
use crate::slot::{Open, Standing};

/// RFC 6265bis, section 5.6: a browser ignores a cookie whose name and value are longer together.
pub(crate) const MOST_BYTES: usize = 4096;

/// How large the data of a stored session may be unless the layer is told otherwise.
pub(crate) const MAX_SIZE: usize = 1 << 20;

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

/// Whether a session may not be written as it is; then the log names the key.
///
/// A stored session may shrink, even to more than its limit. What concurrent requests add to one that was within it is
/// merged, so that together they may pass it once.
pub(crate) fn is_too_large(config: &Config, open: &Open) -> bool {
    match &config.kind {
        Kind::Stored { .. } => {
            let before = open.base.as_text().len();
            // An escape makes a key six times as long at most; quotes, colon and comma are four bytes more.
            let grown = open.changes.texts().map(|(key, text)| 6 * key.len() + text.map_or(0, str::len) + 4);
            before + grown.sum::<usize>() > config.max_size && is_stored_too_large(config, open)
        }
        Kind::Signed { .. } | Kind::Encrypted { .. } => {
            let seal_before = match &open.standing {
                Standing::Sealed(seal) => Some(*seal),
                Standing::Nowhere | Standing::Stored(_) => None,
            };
            let text = open.changes.text(&open.base);
            let value = times(config, seal_before).and_then(|times| seal(config, times, &text, ["", ""]));
            let size = value.map_or(0, |value| config.cookie.size(value.len()));
            if size > MOST_BYTES {
                log_cookie_too_large(open, size);
            }
            size > MOST_BYTES
        }
    }
}

#[cold]
fn is_stored_too_large(config: &Config, open: &Open) -> bool {
    let (before, size) = (open.base.as_text().len(), open.changes.text(&open.base).len());
    if size <= config.max_size.max(before) {
        return false;
    }
    let growth = |key: &str, text: Option<&str>| {
        text.map_or(0, str::len).saturating_sub(open.base.get(key).map_or(0, str::len))
    };
    let key = open.changes.texts().max_by_key(|(key, text)| growth(key, *text)).map(|(key, _)| key);
    tracing::error!(
        key,
        size,
        limit = config.max_size,
        "the session would be larger than its limit, and is not stored: keep less under the key that grew, such as an \
         id in place of the data, or set SessionLayer::max_size"
    );
    true
}

/// Says which key takes most of a cookie.
#[cold]
pub(crate) fn log_cookie_too_large(open: &Open, size: usize) {
    let whole = open.changes.whole(&open.base);
    let largest = whole.iter().max_by_key(|(_, text)| text.len()).map(|(key, _)| key);
    tracing::error!(
        key = largest.as_deref(),
        size,
        "the session is larger than the {MOST_BYTES} bytes that a browser keeps of a cookie: keep less under its largest \
         key, or use SessionLayer::stored"
    );
}
