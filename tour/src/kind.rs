use std::fmt;
use std::str::FromStr;

/// Where the tour's sessions are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// In the cookie, readable, sealed against changes.
    Signed,
    /// In the cookie, unreadable.
    Encrypted,
    /// In a store on the server.
    #[default]
    Stored,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Signed, Self::Encrypted, Self::Stored];

    /// What it means, for the foot of each page.
    pub(crate) fn meaning(self) -> &'static str {
        match self {
            Self::Signed => "they lie in the browser's cookie, which it can read but not change",
            Self::Encrypted => "they lie in the browser's cookie, which it cannot read",
            Self::Stored => "they lie on the server, and the browser's cookie holds a random id",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Signed => "signed",
            Self::Encrypted => "encrypted",
            Self::Stored => "stored",
        })
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.to_string() == text)
            .ok_or_else(|| format!("there is no kind {text:?}: say signed, encrypted or stored"))
    }
}
