use hardtack_core::store::StoreError;
use redis::RedisError;

pub(crate) const CONNECTING: &str = "connecting to Redis";
pub(crate) const LOADING: &str = "loading a session";

/// Returns a function that adds the failed operation to a Redis error.
pub(crate) fn failed(doing: &'static str) -> impl Fn(RedisError) -> StoreError {
    move |error| StoreError::new(doing, error)
}

/// Returns why a record was not loaded. The value of its key may not be a record, or not even a string.
pub(crate) fn load_error(error: RedisError) -> StoreError {
    if error.code() == Some("WRONGTYPE") { StoreError::unreadable(error) } else { failed(LOADING)(error) }
}

/// Returns the error for an answer that none of the commands in use can have.
pub(crate) fn unexpected_reply(doing: &'static str) -> StoreError {
    StoreError::new(
        doing,
        "the server sent a response that Redis does not send: check that it is a Redis server",
    )
}
