//! Parses the URL of a store. A URL must be refused, or be displayed without its password.

#![no_main]

use hardtack_stores::StoreUrl;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = str::from_utf8(data) else { return };
    let Ok(url) = text.parse::<StoreUrl>() else { return };
    let shown = url.to_string();
    assert!(format!("{url:?}").contains(&*shown));
    if let Some(path) = url.path() {
        assert!(!path.as_os_str().is_empty());
    }
    let secret = "hunter2hunter2";
    if let Some((scheme, rest)) = text.split_once("://")
        && !scheme.starts_with("sqlite")
        // The fuzzer finds the secret in this program, and inserts it where it is not a password.
        && !text.contains(secret)
        && let Ok(url) = format!("{scheme}://user:{secret}@{rest}").parse::<StoreUrl>()
    {
        assert!(!format!("{url} {url:?}").contains(secret));
    }
});
