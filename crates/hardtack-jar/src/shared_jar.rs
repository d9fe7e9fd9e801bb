use std::fmt;
use std::sync::{PoisonError, RwLock};
use std::time::SystemTime;

use reqwest::Url;
use reqwest::cookie::CookieStore;
use reqwest::header::HeaderValue;

use crate::access::Access;
use crate::jar::Jar;

/// A jar that a `reqwest` client keeps its cookies in, and that others may look into.
///
/// ```no_run
/// use std::sync::Arc;
/// use hardtack_jar::{Jar, SharedJar};
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let cookies = Arc::new(SharedJar::new(Jar::new()));
/// let client = reqwest::Client::builder().cookie_provider(Arc::clone(&cookies)).build()?;
/// client.get("https://example.com/").send().await?;
/// println!("{} cookies", cookies.read(|jar| jar.len()));
/// # Ok(())
/// # }
/// ```
///
/// `reqwest` does not say what caused a request, so all are taken for the visitor's own.
pub struct SharedJar {
    /// Never held across an await: each use is one look into the jar.
    jar: RwLock<Jar>,
    clock: Box<dyn Fn() -> SystemTime + Send + Sync>,
}

impl SharedJar {
    /// A jar by the system's clock.
    pub fn new(jar: Jar) -> Self {
        Self::with_clock(jar, SystemTime::now)
    }

    /// A jar by a clock of your own.
    pub fn with_clock(jar: Jar, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self { jar: RwLock::new(jar), clock: Box::new(clock) }
    }

    /// Looks into the jar.
    pub fn read<T>(&self, look: impl FnOnce(&Jar) -> T) -> T {
        look(&self.jar.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the jar.
    pub fn write<T>(&self, change: impl FnOnce(&mut Jar) -> T) -> T {
        change(&mut self.jar.write().unwrap_or_else(PoisonError::into_inner))
    }

    /// The jar, once nobody else has it.
    pub fn into_jar(self) -> Jar {
        self.jar.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CookieStore for SharedJar {
    fn set_cookies(&self, cookie_headers: &mut dyn Iterator<Item = &HeaderValue>, url: &Url) {
        let Ok(access) = Access::url(url) else { return };
        let now = (self.clock)();
        self.write(|jar| {
            for line in cookie_headers {
                // Nobody can be told of a refusal here: `Jar::check` says why.
                let _ = jar.set(&access, line, now);
            }
        });
    }

    fn cookies(&self, url: &Url) -> Option<HeaderValue> {
        let access = Access::url(url).ok()?;
        let now = (self.clock)();
        self.read(|jar| jar.header_value(&access, now))
    }
}

impl fmt::Debug for SharedJar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedJar").finish_non_exhaustive()
    }
}
