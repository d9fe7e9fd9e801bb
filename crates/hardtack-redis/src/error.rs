use hardtack_core::store::StoreError;
use redis::RedisError;

pub(crate) const CONNECTING: &str = "connecting to Redis";
pub(crate) const LOADING: &str = "loading a session";

/// What was being done when Redis failed.
pub(crate) fn failed(doing: &'static str) -> impl Fn(RedisError) -> StoreError {
    move |error| StoreError::new(doing, error)
}

/// Why a record was not loaded. The value at its key may not be a string at all, as it may not be a record.
pub(crate) fn load_error(error: RedisError) -> StoreError {
    if error.code() == Some("WRONGTYPE") { StoreError::unreadable(error) } else { failed(LOADING)(error) }
}

/// An answer that none of our commands has.
pub(crate) fn strange(doing: &'static str) -> StoreError {
    StoreError::new(doing, "the server gives an answer that Redis does not; is it one?")
}
