use std::fmt;
use std::str::FromStr;

use hardtack::protocol::StoreKey;

/// The handle of a stored session on the command line: the first hexadecimal digits of its store key. A handle reveals
/// nothing about the cookie's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Handle(String);

/// The number of digits that commands print, which identify one session among millions.
const SHOWN_DIGITS: usize = 12;

/// The minimum number of digits that commands accept. Fewer digits could match several sessions as the store grows.
const MIN_DIGITS: usize = 8;

impl Handle {
    pub(crate) fn of(key: &StoreKey) -> Self {
        Self(hex(key).chars().take(SHOWN_DIGITS).collect())
    }

    /// Returns whether the handle is a prefix of this key.
    pub(crate) fn names(&self, key: &StoreKey) -> bool {
        hex(key).starts_with(&self.0)
    }
}

fn hex(key: &StoreKey) -> String {
    key.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

impl FromStr for Handle {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits = (MIN_DIGITS..=2 * StoreKey::LEN).contains(&text.len());
        if fits && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err("use at least 8 hexadecimal digits, as shown by `hardtack sessions list`")
        }
    }
}

impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_is_the_beginning_of_a_key() {
        let key = StoreKey::from_bytes([0xab; 32]);
        assert_eq!(Handle::of(&key).to_string(), "abababababab");
        assert!("ABABABAB".parse::<Handle>().unwrap().names(&key));
        assert!(!"abababac".parse::<Handle>().unwrap().names(&key));
        for text in ["", "ababab", "abababag", &"ab".repeat(33)] {
            assert!(text.parse::<Handle>().is_err(), "{text}");
        }
    }
}
