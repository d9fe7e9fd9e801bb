//! Implements `reqwest`'s trait `CookieStore` for [`SharedJar`]. Each version of `reqwest` defines this trait again, so
//! a macro writes the implementations.

use url::Url;

use super::SharedJar;
use crate::request::RequestContext;

macro_rules! cookie_store {
    ($reqwest:ident) => {
        impl ::$reqwest::cookie::CookieStore for SharedJar {
            fn set_cookies(&self, lines: &mut dyn Iterator<Item = &::http::HeaderValue>, url: &Url) {
                let Ok(request) = RequestContext::url(url) else { return };
                self.receive(&request, url.as_str(), lines.map(|line| line.as_bytes()));
            }

            fn cookies(&self, url: &Url) -> Option<::http::HeaderValue> {
                let request = RequestContext::url(url).ok()?;
                self.read(|jar| jar.header_value(&request, self.now()))
            }
        }
    };
}

#[cfg(feature = "reqwest012")]
cookie_store!(reqwest012);
#[cfg(feature = "reqwest013")]
cookie_store!(reqwest);
