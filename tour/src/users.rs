use argon2::{Argon2, PasswordVerifier};
use tokio::sync::Semaphore;

/// How many passwords are checked at once: each takes 19 MiB for a while.
const AT_ONCE: usize = 4;

/// Somebody who can log in.
#[derive(Debug)]
pub(crate) struct User {
    pub(crate) name: &'static str,
    /// The password's hash, as a PHC string: argon2id with the library's defaults.
    hash: &'static str,
}

/// `john` with `password123`, `jane` with `secret123`.
static USERS: [User; 2] = [
    User {
        name: "john",
        hash: "$argon2id$v=19$m=19456,t=2,p=1$9tE2FnDLSQlnxaOKUdtqEQ$hSB21O2MK2zxfJ8fxvQt1dKPRvgWfnNzJ5xmxlGZE+4",
    },
    User {
        name: "jane",
        hash: "$argon2id$v=19$m=19456,t=2,p=1$FAOmRmRtgCwJAt3lS+OELQ$W1HPt0352PIoWqEYdbUotU+kXwcHy7vxVH8DIHD9amI",
    },
];

static NAMES: [&str; 2] = [USERS[0].name, USERS[1].name];

/// Checked for those who are nobody, so that the time an answer takes does not tell who is a user.
const NOBODYS_HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$agJeTjbMMkUGLPAPV6MtfA$CwUWkBQdQJNA3y1kZQNhZiuz1ncB5Cl2nwW3AMcaCX0";

/// All who can log in.
pub(crate) struct Users {
    turns: Semaphore,
}

impl Users {
    pub(crate) fn new() -> Self {
        Self { turns: Semaphore::new(AT_ONCE) }
    }

    pub(crate) fn names() -> &'static [&'static str] {
        &NAMES
    }

    /// The user of a name, if the password is theirs.
    pub(crate) async fn verify(
        &self,
        name: &str,
        password: String,
    ) -> Option<&'static User> {
        let user = USERS.iter().find(|user| user.name == name);
        let hash = user.map_or(NOBODYS_HASH, |user| user.hash);
        // Never closed, so there is always a turn to come.
        let _turn = self.turns.acquire().await.ok()?;
        let check = move || {
            Argon2::default().verify_password(password.as_bytes(), hash).is_ok()
        };
        let is_right = tokio::task::spawn_blocking(check).await.unwrap_or(false);
        user.filter(|_| is_right)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_their_own_password_opens() {
        let users = Users::new();
        for (name, password, opens) in [
            ("john", "password123", true),
            ("jane", "secret123", true),
            ("john", "secret123", false),
            ("John", "password123", false),
            ("john", "", false),
            ("nobody", "", false),
            ("", "", false),
        ] {
            let user = users.verify(name, password.to_owned()).await;
            assert_eq!(
                user.map(|user| user.name),
                opens.then_some(name),
                "{name} {password}"
            );
        }
    }

    #[test]
    fn every_hash_costs_the_same() {
        for hash in USERS.iter().map(|user| user.hash).chain([NOBODYS_HASH]) {
            assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        }
    }
}
