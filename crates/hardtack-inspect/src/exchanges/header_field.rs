use serde::Serialize;

/// The name and value of a header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct HeaderField {
    /// The name in its usual capitalization.
    pub name: &'static str,
    /// The value.
    pub value: String,
}
