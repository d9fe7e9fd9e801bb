use std::fmt;
use std::sync::{PoisonError, RwLock};
use std::time::SystemTime;

use crate::jar::Jar;
use crate::request::RequestContext;
use crate::set_cookie::{Refusal, SetCookieLine};

/// A jar in which an HTTP client stores its cookies, and which the rest of the program can read and change.
///
/// With the feature `reqwest012` or `reqwest013`, a shared jar implements the trait `CookieStore` from that version of
/// `reqwest`:
///
/// ```no_run
/// # #[cfg(feature = "reqwest013")] mod example {
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
/// # }
/// ```
///
/// With the feature `ureq3`, `SharedJar::run` sends requests with a `ureq` 3 agent.
///
/// The clients do not report which page caused a request, so every request is treated as if the visitor made it.
/// `reqwest` does not pass a response's `Date` to the jar, so the jar does not [correct](RequestContext::date)
/// `Expires` if the server's clock differs.
pub struct SharedJar {
    /// A lock that blocks the thread, because each use of the jar is short. It is never held across an `await`.
    jar: RwLock<Jar>,
    clock: Box<dyn Fn() -> SystemTime + Send + Sync>,
    observer: Option<Box<Observer>>,
}

/// A refusal or an eviction that the cookies of a response caused. [`SharedJar::on_event`](crate::SharedJar::on_event)
/// sets the function that receives these events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum JarEvent<'a> {
    /// A cookie was refused.
    #[non_exhaustive]
    Refused {
        /// The cookie's name, which is empty for a nameless cookie, or `None` if the line could not be parsed.
        name: Option<&'a str>,
        /// The reason.
        refusal: Refusal,
    },
    /// Unexpired cookies were evicted to make room for new ones.
    #[non_exhaustive]
    Evicted {
        /// The number of evicted cookies.
        cookies: u64,
    },
}

type Observer = dyn Fn(&str, &JarEvent<'_>) + Send + Sync;

impl SharedJar {
    /// Creates a shared jar that uses the system clock.
    pub fn new(jar: Jar) -> Self {
        Self::with_clock(jar, SystemTime::now)
    }

    /// Creates a shared jar that reads the time from this function.
    pub fn with_clock(jar: Jar, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self { jar: RwLock::new(jar), clock: Box::new(clock), observer: None }
    }

    /// Sets a function that receives the refusals and evictions that a response causes, with the URL of the response.
    /// It is called once for each refused cookie, and once if cookies were evicted. The function never receives a
    /// cookie's value.
    ///
    /// ```
    /// use hardtack_jar::{Jar, SharedJar};
    ///
    /// let cookies = SharedJar::new(Jar::new()).on_event(|url, event| eprintln!("{url}: {event}"));
    /// ```
    ///
    /// # Security
    ///
    /// The function receives the complete URL, including the query, which may contain secrets.
    #[must_use]
    pub fn on_event(mut self, observer: impl Fn(&str, &JarEvent<'_>) + Send + Sync + 'static) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Calls a function that reads the jar, and returns the function's result.
    pub fn read<T>(&self, look: impl FnOnce(&Jar) -> T) -> T {
        look(&self.jar.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Calls a function that may change the jar, and returns the function's result.
    pub fn write<T>(&self, change: impl FnOnce(&mut Jar) -> T) -> T {
        change(&mut self.jar.write().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns the jar.
    pub fn into_jar(self) -> Jar {
        self.jar.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn now(&self) -> SystemTime {
        (self.clock)()
    }

    /// Sets the cookies of a response's `Set-Cookie` fields, and reports refusals and evictions to the observer.
    pub(super) fn receive<'a>(
        &self,
        request: &RequestContext,
        url: &str,
        lines: impl Iterator<Item = &'a [u8]>,
    ) {
        let now = self.now();
        let (refused, evicted) = self.write(|jar| {
            let before = jar.evicted();
            let refused: Vec<_> =
                lines.filter_map(|line| Some((line, jar.set(request, line, now).err()?))).collect();
            (refused, jar.evicted() - before)
        });
        // Call the observer outside the lock, because it may use the jar.
        let Some(observer) = &self.observer else { return };
        for (line, refusal) in refused {
            let name = SetCookieLine::parse(line).ok().map(|line| String::from_utf8_lossy(line.name()));
            observer(url, &JarEvent::Refused { name: name.as_deref(), refusal });
        }
        if evicted > 0 {
            observer(url, &JarEvent::Evicted { cookies: evicted });
        }
    }
}

impl fmt::Debug for SharedJar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedJar").finish_non_exhaustive()
    }
}

impl fmt::Display for JarEvent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { name: Some(name), refusal } => write!(f, "cookie `{name}` is refused: {refusal}"),
            Self::Refused { name: None, refusal } => write!(f, "a cookie is refused: {refusal}"),
            Self::Evicted { cookies: 1 } => f.write_str("1 cookie was evicted to make room"),
            Self::Evicted { cookies } => write!(f, "{cookies} cookies were evicted to make room"),
        }
    }
}
