use std::time::{Duration, SystemTime};

use hardtack_jar::{Jar, JarChange, Refusal, RequestContext};

/// A jar, and a clock that advances only when a test calls `advance`.
pub(crate) struct Browser {
    pub(crate) jar: Jar,
    pub(crate) now: SystemTime,
}

impl Browser {
    /// Creates a browser with an empty jar. Its clock is set to Tue, 14 Nov 2023 22:13:20 GMT.
    pub(crate) fn new() -> Self {
        Self::with(Jar::new())
    }

    pub(crate) fn with(jar: Jar) -> Self {
        Self { jar, now: SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000) }
    }

    pub(crate) fn advance(&mut self, seconds: u64) {
        self.now += Duration::from_secs(seconds);
    }

    pub(crate) fn set(&mut self, url: &str, line: &str) -> Result<JarChange, Refusal> {
        self.set_by(&http(url), line)
    }

    pub(crate) fn set_by(&mut self, request: &RequestContext, line: &str) -> Result<JarChange, Refusal> {
        self.jar.set(request, line, self.now)
    }

    pub(crate) fn header(&self, url: &str) -> String {
        self.header_by(&http(url))
    }

    pub(crate) fn header_by(&self, request: &RequestContext) -> String {
        String::from_utf8(self.jar.header(request, self.now).unwrap_or_default()).expect("UTF-8")
    }
}

pub(crate) fn http(url: &str) -> RequestContext {
    RequestContext::http(url).expect("a URL with cookies")
}

pub(crate) fn script(url: &str) -> RequestContext {
    RequestContext::script(url).expect("a URL with cookies")
}
