use hardtack_core::store::StoreError;
use redis::RedisError;

pub(crate) const CONNECTING: &str = "connecting to Redis";
pub(crate) const LOADING: &str = "loading a session";

/// Returns a function that converts a Redis error to a `StoreError` that names the failed operation.
pub(crate) fn failed(doing: &'static str) -> impl Fn(RedisError) -> StoreError {
    move |error| StoreError::new(doing, error)
}

/// Converts the error of a load. A value of the wrong type is reported as unreadable, because the key may have a value
/// that another program wrote, such as a list.
pub(crate) fn load_error(error: RedisError) -> StoreError {
    if error.code() == Some("WRONGTYPE") { StoreError::unreadable(error) } else { failed(LOADING)(error) }
}

/// Returns the error for a reply that Redis does not send to any of the commands in use.
pub(crate) fn unexpected_reply(doing: &'static str) -> StoreError {
    StoreError::new(
        doing,
        "the server sent a response that Redis does not send: check that it is a Redis server",
    )
}
