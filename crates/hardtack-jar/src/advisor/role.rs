use hardtack_core::cookie::Prefix;

use super::value;

/// The role of a cookie, which determines how severe the findings about the cookie are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Role {
    /// A session or login token. Anyone who has the token can act as its owner.
    Session,
    /// A token that protects against cross-site request forgery, which scripts may need to read.
    Csrf,
    /// Any other cookie.
    Other,
}

/// Words that occur in the names of session and login cookies.
const SESSION_WORDS: [&str; 9] =
    ["sess", "auth", "token", "login", "logged", "remember", "jwt", "identity", "user_id"];

/// Names of session cookies. All except `id` may also be the last part of a longer name, such as `connect.sid`.
const SESSION_NAMES: [&str; 3] = ["id", "sid", "sso"];

impl Role {
    /// Guesses the role of a cookie from its name and the format of its value.
    ///
    /// ```
    /// use hardtack_jar::Role;
    ///
    /// assert_eq!(Role::guess("__Host-session", "x"), Role::Session);
    /// assert_eq!(Role::guess("connect.sid", "x"), Role::Session);
    /// assert_eq!(Role::guess("XSRF-TOKEN", "x"), Role::Csrf);
    /// assert_eq!(Role::guess("theme", "dark"), Role::Other);
    /// ```
    pub fn guess(name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Self {
        let name = String::from_utf8_lossy(name.as_ref()).to_ascii_lowercase();
        let name = Prefix::of(&name).and_then(|prefix| name.get(prefix.as_str().len()..)).unwrap_or(&name);
        if name.contains("csrf") || name.contains("xsrf") {
            return Self::Csrf;
        }
        let last = name.rsplit(['.', '_', '-']).next().unwrap_or(name);
        let whole = if last == "id" { name } else { last };
        if SESSION_WORDS.iter().any(|word| name.contains(word))
            || SESSION_NAMES.contains(&whole)
            || value::is_signed(value.as_ref())
        {
            return Self::Session;
        }
        Self::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_guessed_by_names_and_values() {
        for (name, value, expected) in [
            ("PHPSESSID", "x", Role::Session),
            ("ASP.NET_SessionId", "x", Role::Session),
            ("id", "x", Role::Session),
            ("__Host-id", "x", Role::Session),
            ("remember_token", "x", Role::Session),
            ("profile_id", "x", Role::Other),
            ("aside", "x", Role::Other),
            ("", "x", Role::Other),
            ("csrf_token", "x", Role::Csrf),
            ("__Host-Csrf-Token", "x", Role::Csrf),
            ("me", "eyJhIjoxfQ.ZVPxAA.D3QXMI0ZQYNZDxORB__kVZyT7hk", Role::Session),
            ("me", "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl", Role::Session),
            ("version", "1.2.3", Role::Other),
        ] {
            assert_eq!(Role::guess(name, value), expected, "{name}={value}");
        }
    }
}
