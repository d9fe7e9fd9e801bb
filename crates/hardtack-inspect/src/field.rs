use serde::Serialize;

/// A header's name and value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Field {
    /// The name as people write it.
    pub name: &'static str,
    /// The value.
    pub value: String,
}
