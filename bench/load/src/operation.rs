use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// The result of an operation. Any error ends the measurement.
pub type Result<T = (), E = Box<dyn std::error::Error + Send + Sync>> = std::result::Result<T, E>;

/// An operation on the session with the given number.
pub type Operation = Arc<dyn Fn(u64) -> Pin<Box<dyn Future<Output = Result> + Send>> + Send + Sync>;

/// Converts a function to an operation.
pub fn operation<F, R>(act: F) -> Operation
where
    F: Fn(u64) -> R + Send + Sync + 'static,
    R: Future<Output = Result> + Send + 'static,
{
    Arc::new(move |number| Box::pin(act(number)))
}
