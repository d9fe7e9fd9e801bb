//! Writes the JSON of browser extensions, which follows the API that they use. [`devtools`](super::devtools) reads it.
//!
//! ```json
//! [{"domain": ".example.com", "expirationDate": 1813210903.5, "hostOnly": false, "httpOnly": true, "name": "id",
//!   "path": "/", "sameSite": "lax", "secure": true, "session": false, "storeId": null, "value": "a3fWa"}]
//! ```

use std::time::SystemTime;

use hardtack_core::cookie::SameSite;
use serde_json::{Value as Json, json};

use super::cookie::{dotted_domain, partition_object, texts};
use super::time::to_seconds;
use crate::cookie::CookieRecord;
use crate::format::{Exported, Format};
use crate::jar::Jar;

pub(in crate::format) fn write(jar: &Jar, now: SystemTime) -> Exported {
    let (cookies, exported) = Exported::each(jar, Format::CookieEditor, now, written);
    exported.with_text(format!("{:#}\n", Json::from(cookies)))
}

fn written(cookie: &CookieRecord<'_>) -> Result<Json, &'static str> {
    let (name, value) = texts(cookie)?;
    let mut written = json!({
        "name": name,
        "value": value,
        "domain": dotted_domain(cookie),
        "hostOnly": cookie.host_only,
        "path": cookie.path,
        "secure": cookie.secure,
        "httpOnly": cookie.http_only,
        "sameSite": match cookie.same_site {
            Some(SameSite::None) => "no_restriction",
            Some(SameSite::Lax) => "lax",
            Some(SameSite::Strict) => "strict",
            _ => "unspecified",
        },
        "session": cookie.expires.is_none(),
        "storeId": null,
    });
    if let Some(expires) = cookie.expires {
        written["expirationDate"] = to_seconds(expires);
    }
    if let Some(key) = &cookie.partition {
        written["partitionKey"] = partition_object(key);
    }
    Ok(written)
}
