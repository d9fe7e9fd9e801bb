use serde::Serialize;

/// A reference to the exchange that set a cookie or a key of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ExchangeRef {
    /// The route, or the path if there is no route.
    pub route: String,
    /// The number of the exchange.
    pub number: u64,
}
