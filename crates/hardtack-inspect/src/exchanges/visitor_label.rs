use serde::Serialize;

/// A label that identifies a browser on the pages: a name that has no meaning outside this process, and a color.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct VisitorLabel {
    /// Four letters.
    pub name: String,
    /// One of eight colors.
    pub hue: u8,
    #[serde(skip)]
    pub(crate) number: u64,
}
