use std::error::Error as _;

use hardtack_core::store::{LEFT_OUT, LeftOut, StoreError};

/// What was read for a listing; `None`, and noted, if it is there and cannot be decoded.
///
/// # Errors
///
/// The server failed, and with it the listing.
pub(crate) fn sort<T>(
    read: Result<T, StoreError>,
    left_out: &mut Option<LeftOut>,
) -> Result<Option<T>, StoreError> {
    match read {
        Ok(record) => Ok(Some(record)),
        Err(error) if error.is_unreadable() => {
            LeftOut::note(left_out, error);
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Logs what a listing left out.
pub(crate) fn report(left_out: Option<&LeftOut>) {
    let Some(left_out) = left_out else { return };
    tracing::error!(
        count = left_out.count,
        source = left_out.first.source().map(tracing::field::display),
        "{LEFT_OUT}"
    );
}
