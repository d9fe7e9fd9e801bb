use serde::Serialize;

/// By which a browser is told from others: a name that means nothing outside this run, and a colour.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct Tag {
    /// Four letters.
    pub tag: String,
    /// One of eight colours.
    pub hue: u8,
    #[serde(skip)]
    pub(crate) number: u64,
}
