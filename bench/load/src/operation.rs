use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// Any error ends a measurement.
pub type Result<T = (), E = Box<dyn std::error::Error + Send + Sync>> = std::result::Result<T, E>;

/// One operation on the session of a number.
pub type Operation = Arc<dyn Fn(u64) -> Pin<Box<dyn Future<Output = Result> + Send>> + Send + Sync>;

/// Makes an operation of a function.
pub fn operation<F, R>(act: F) -> Operation
where
    F: Fn(u64) -> R + Send + Sync + 'static,
    R: Future<Output = Result> + Send + 'static,
{
    Arc::new(move |number| Box::pin(act(number)))
}
