/// The browsers that a page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum VisitorSelection {
    All,
    /// The browser with this number.
    One(u64),
    /// No browser, because the browser that requested the page is unknown.
    Unknown,
}

impl VisitorSelection {
    pub(crate) fn includes(self, number: u64) -> bool {
        match self {
            Self::All => true,
            Self::One(selected) => selected == number,
            Self::Unknown => false,
        }
    }
}
