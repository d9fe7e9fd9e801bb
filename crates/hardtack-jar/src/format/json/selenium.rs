//! Writes WebDriver cookies, as Selenium's `get_cookies()` returns them. `add_cookie()` accepts them one at a time.
//! [`devtools`](super::devtools) reads this format.
//!
//! ```json
//! [{"name": "id", "value": "a3fWa", "domain": ".example.com", "path": "/", "secure": true, "httpOnly": true,
//!   "expiry": 1813210903, "sameSite": "Lax"}]
//! ```

use std::time::SystemTime;

use serde_json::{Value as Json, json};

use super::cookie::{dotted_domain, texts};
use super::time::to_whole_seconds;
use crate::cookie::CookieRecord;
use crate::format::{Exported, Format};
use crate::jar::Jar;

pub(in crate::format) fn write(jar: &Jar, now: SystemTime) -> Exported {
    let (cookies, exported) = Exported::each(jar, Format::Selenium, now, written);
    exported.with_text(format!("{:#}\n", Json::from(cookies)))
}

fn written(cookie: &CookieRecord<'_>) -> Result<Json, &'static str> {
    let (name, value) = texts(cookie)?;
    let mut written = json!({
        "name": name,
        "value": value,
        "domain": dotted_domain(cookie),
        "path": cookie.path,
        "secure": cookie.secure,
        "httpOnly": cookie.http_only,
    });
    // WebDriver requires an integer.
    if let Some(expires) = cookie.expires {
        written["expiry"] = to_whole_seconds(expires).into();
    }
    if let Some(same_site) = cookie.same_site {
        written["sameSite"] = same_site.as_str().into();
    }
    Ok(written)
}
