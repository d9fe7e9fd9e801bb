use std::fmt;
use std::str::FromStr;

use hardtack_minijinja::context;
use hardtack_minijinja::minijinja::Value;
use serde::Deserialize;

/// A backend of the tour, which determines where the data of a session is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Backend {
    /// In the cookie, readable, with a signature that detects changes.
    Signed,
    /// In the cookie, encrypted.
    Encrypted,
    /// In a store on the server.
    #[default]
    Stored,
}

impl Backend {
    /// All backends.
    pub const ALL: [Self; 3] = [Self::Signed, Self::Encrypted, Self::Stored];

    /// Returns an explanation for the buttons on each page.
    fn explanation(self) -> &'static str {
        match self {
            Self::Signed => {
                "it is in the browser’s cookie, which can be read but not changed"
            }
            Self::Encrypted => "it is in the browser’s cookie, which cannot be read",
            Self::Stored => {
                "it is on the server, and the browser’s cookie contains a random id"
            }
        }
    }

    /// Converts the backend to a template value.
    pub(crate) fn to_template(self) -> Value {
        context! { name => self.to_string(), explanation => self.explanation() }
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Signed => "signed",
            Self::Encrypted => "encrypted",
            Self::Stored => "stored",
        })
    }
}

impl FromStr for Backend {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|backend| backend.to_string() == text).ok_or_else(
            || format!("{text:?} is not a kind of session: use signed, encrypted, or stored"),
        )
    }
}
