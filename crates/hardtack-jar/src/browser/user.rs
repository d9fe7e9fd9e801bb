use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use url::Url;

use super::transport::Transport;
use crate::jar::Jar;

/// A person with a browser: what all of its tabs share.
pub(super) struct User {
    pub(super) transport: Arc<dyn Transport>,
    pub(super) origin: Url,
    pub(super) clock: Arc<dyn Fn() -> SystemTime + Send + Sync>,
    pub(super) redirects: Redirects,
    /// Never held across an await: requests of two tabs pass each other, as they do in a browser.
    jar: Mutex<Jar>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Redirects {
    Follow,
    Stop,
}

impl User {
    pub(super) fn new(transport: Arc<dyn Transport>, origin: Url) -> Self {
        Self {
            transport,
            origin,
            clock: Arc::new(SystemTime::now),
            redirects: Redirects::Follow,
            jar: Mutex::default(),
        }
    }

    /// The same application, seen by someone who was never there.
    pub(super) fn stranger(&self) -> Self {
        let profile = self.jar().clone_empty();
        Self {
            transport: Arc::clone(&self.transport),
            origin: self.origin.clone(),
            clock: Arc::clone(&self.clock),
            redirects: self.redirects,
            jar: Mutex::new(profile),
        }
    }

    pub(super) fn jar(&self) -> MutexGuard<'_, Jar> {
        self.jar.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn now(&self) -> SystemTime {
        (self.clock)()
    }
}
