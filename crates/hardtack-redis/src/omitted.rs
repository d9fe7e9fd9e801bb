use std::error::Error as _;

use hardtack_core::store::{LEFT_OUT, LeftOut, StoreError};

/// Returns a record that was read for a listing. If the record exists but cannot be decoded, adds it to `left_out` and
/// returns `None`.
///
/// # Errors
///
/// Fails if the server failed, and the listing with it.
pub(crate) fn unless_unreadable<T>(
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

/// Logs the records that a listing omitted.
pub(crate) fn log_omitted(left_out: Option<&LeftOut>) {
    let Some(left_out) = left_out else { return };
    tracing::error!(
        count = left_out.count,
        source = left_out.first.source().map(tracing::field::display),
        "{LEFT_OUT}"
    );
}
