use hardtack_core::store::StoreError;
use redis::RedisError;

pub(crate) const CONNECTING: &str = "connecting to Redis";

/// What was being done when Redis failed.
pub(crate) fn failed(doing: &'static str) -> impl Fn(RedisError) -> StoreError {
    move |error| StoreError::new(doing, error)
}

/// An answer that none of our commands has.
pub(crate) fn strange(doing: &'static str) -> StoreError {
    StoreError::new(doing, "the server gives an answer that Redis does not; is it one?")
}
