use std::sync::Arc;

use argon2::{Argon2, PasswordVerifier};
use tokio::sync::Semaphore;

/// The maximum number of passwords that are checked at the same time. Each check uses 19 MiB of memory.
const MAX_CONCURRENT_CHECKS: usize = 4;

/// A user who can log in.
#[derive(Debug)]
pub(crate) struct User {
    pub(crate) name: &'static str,
    /// The hash of the password as a PHC string: Argon2id with the library's defaults.
    hash: &'static str,
}

/// The users: `john` with the password `password123`, and `jane` with the password `secret123`.
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
const UNKNOWN_USER_HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$agJeTjbMMkUGLPAPV6MtfA$CwUWkBQdQJNA3y1kZQNhZiuz1ncB5Cl2nwW3AMcaCX0";

/// All users who can log in.
pub(crate) struct Users {
    permits: Arc<Semaphore>,
}

impl Users {
    pub(crate) fn new() -> Self {
        Self { permits: Arc::new(Semaphore::new(MAX_CONCURRENT_CHECKS)) }
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
        let hash = user.map_or(UNKNOWN_USER_HASH, |user| user.hash);
        let check = move || {
            Argon2::default().verify_password(password.as_bytes(), hash).is_ok()
        };
        let is_correct = self.with_permit(check).await;
        user.filter(|_| is_correct)
    }

    /// Runs a job when a permit is free. The job holds the permit until the job ends, even if the caller stops waiting.
    async fn with_permit(&self, job: impl FnOnce() -> bool + Send + 'static) -> bool {
        // The semaphore is never closed, so acquiring always succeeds.
        let Ok(permit) = Arc::clone(&self.permits).acquire_owned().await else {
            return false;
        };
        let job = move || {
            let outcome = job();
            drop(permit);
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
    async fn only_the_users_own_password_is_accepted() {
        let users = Users::new();
        for (name, password, is_accepted) in [
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
                is_accepted.then_some(name),
                "{name} {password}"
            );
        }
    }

    /// A counter of started jobs, which blocks the jobs until they are released.
    #[derive(Default)]
    struct BlockedJobs {
        state: Mutex<(usize, bool)>,
        changed: Condvar,
    }

    impl BlockedJobs {
        fn run(&self) -> bool {
            let mut state = self.state.lock().unwrap();
            state.0 += 1;
            self.changed.notify_all();
            drop(self.changed.wait_while(state, |state| !state.1).unwrap());
            true
        }

        fn release(&self) {
            self.state.lock().unwrap().1 = true;
            self.changed.notify_all();
        }

        fn started(&self) -> usize {
            self.state.lock().unwrap().0
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn dropped_requests_leave_at_most_four_hashes_running() {
        let (users, jobs) = (Users::new(), Arc::new(BlockedJobs::default()));
        for round in 1..=40 {
            let job = Arc::clone(&jobs);
            let mut request = Box::pin(users.with_permit(move || job.run()));
            // The request is polled once, and then dropped while its job runs or waits for a permit.
            std::future::poll_fn(|context| {
                assert!(request.as_mut().poll(context).is_pending());
                Poll::Ready(())
            })
            .await;
            drop(request);
            while jobs.started() < round.min(MAX_CONCURRENT_CHECKS) {
                tokio::task::yield_now().await;
            }
            assert!(jobs.started() <= MAX_CONCURRENT_CHECKS, "round {round}");
        }
        assert_eq!(users.permits.available_permits(), 0);
        jobs.release();
        assert!(users.with_permit(|| true).await, "the next job gets a permit");
        assert_eq!(
            jobs.started(),
            MAX_CONCURRENT_CHECKS,
            "no job runs for a request that was dropped before it had a permit"
        );
    }

    #[test]
    fn every_hash_costs_the_same() {
        for hash in USERS.iter().map(|user| user.hash).chain([UNKNOWN_USER_HASH]) {
            assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        }
    }
}
