use serde::Serialize;

/// A label that identifies a browser on the pages: a name that has no meaning outside this process, and a color.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct VisitorLabel {
    /// The name, which consists of four letters.
    pub name: String,
    /// The number of the color, from 0 to 7.
    pub hue: u8,
    #[serde(skip)]
    pub(crate) number: u64,
}
