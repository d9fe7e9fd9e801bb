use std::sync::Arc;

use argon2::{Argon2, PasswordVerifier};
use tokio::sync::Semaphore;

/// The number of passwords that are checked at the same time: each check uses 19 MiB.
const AT_ONCE: usize = 4;

/// A user who can log in.
#[derive(Debug)]
pub(crate) struct User {
    pub(crate) name: &'static str,
    /// The hash of the password as a PHC string: Argon2id with the library's defaults.
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

/// The hash that is checked for an unknown name, so that the response time does not reveal whether the user exists.
const NOBODYS_HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$agJeTjbMMkUGLPAPV6MtfA$CwUWkBQdQJNA3y1kZQNhZiuz1ncB5Cl2nwW3AMcaCX0";

/// All users who can log in.
pub(crate) struct Users {
    turns: Arc<Semaphore>,
}

impl Users {
    pub(crate) fn new() -> Self {
        Self { turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    pub(crate) fn names() -> &'static [&'static str] {
        &NAMES
    }

    /// Returns the user with the given name if the password is correct.
    pub(crate) async fn verify(
        &self,
        name: &str,
        password: String,
    ) -> Option<&'static User> {
        let user = USERS.iter().find(|user| user.name == name);
        let hash = user.map_or(NOBODYS_HASH, |user| user.hash);
        let check = move || {
            Argon2::default().verify_password(password.as_bytes(), hash).is_ok()
        };
        let is_right = self.in_turn(check).await;
        user.filter(|_| is_right)
    }

    /// Runs a job when a permit is free. The job holds the permit until it ends, even if its caller no longer waits for
    /// it.
    async fn in_turn(&self, job: impl FnOnce() -> bool + Send + 'static) -> bool {
        // The semaphore is never closed, so acquiring always succeeds.
        let Ok(turn) = Arc::clone(&self.turns).acquire_owned().await else {
            return false;
        };
        let job = move || {
            let outcome = job();
            drop(turn);
            outcome
        };
        tokio::task::spawn_blocking(job).await.unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Condvar, Mutex};
    use std::task::Poll;

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

    /// Metrics running jobs, which run until the gate opens.
    #[derive(Default)]
    struct Gate {
        state: Mutex<(usize, bool)>,
        changed: Condvar,
    }

    impl Gate {
        fn pass(&self) -> bool {
            let mut state = self.state.lock().unwrap();
            state.0 += 1;
            self.changed.notify_all();
            drop(self.changed.wait_while(state, |state| !state.1).unwrap());
            true
        }

        fn open(&self) {
            self.state.lock().unwrap().1 = true;
            self.changed.notify_all();
        }

        fn started(&self) -> usize {
            self.state.lock().unwrap().0
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn requests_that_are_dropped_leave_no_more_than_four_hashes_running() {
        let (users, gate) = (Users::new(), Arc::new(Gate::default()));
        for round in 1..=40 {
            let job = Arc::clone(&gate);
            let mut request = Box::pin(users.in_turn(move || job.pass()));
            // The request is dropped as soon as it can make no further progress.
            std::future::poll_fn(|context| {
                assert!(request.as_mut().poll(context).is_pending());
                Poll::Ready(())
            })
            .await;
            drop(request);
            while gate.started() < round.min(AT_ONCE) {
                tokio::task::yield_now().await;
            }
            assert!(gate.started() <= AT_ONCE, "round {round}");
        }
        assert_eq!(users.turns.available_permits(), 0);
        gate.open();
        assert!(users.in_turn(|| true).await, "the next one has its turn");
        assert_eq!(
            gate.started(),
            AT_ONCE,
            "nobody computes for those who left before their turn"
        );
    }

    #[test]
    fn every_hash_costs_the_same() {
        for hash in USERS.iter().map(|user| user.hash).chain([NOBODYS_HASH]) {
            assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        }
    }
}
