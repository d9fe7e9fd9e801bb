//! Methods of [`Jar`] that use the types of the `http` crate.

use std::borrow::Cow;
use std::time::SystemTime;

use ::http::header::{COOKIE, DATE, SET_COOKIE};
use ::http::{HeaderMap, HeaderValue};

use super::jar::{Jar, JarChange};
use crate::request::RequestContext;
use crate::set_cookie::{Refusal, cookie_date};

impl Jar {
    /// Replaces the `Cookie` field in the headers of a request, or removes it if there are no cookies to send.
    ///
    /// ```
    /// use hardtack_jar::{RequestContext, Jar};
    /// use http::{HeaderMap, Request, Response};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let now = std::time::SystemTime::now();
    /// let mut jar = Jar::new();
    /// let mut request = Request::get("https://example.com/").body(())?;
    /// let context = RequestContext::uri(request.uri())?;
    /// let response = Response::builder().header("set-cookie", "id=1").header("set-cookie", "theme=dark").body(())?;
    ///
    /// let outcome = jar.take_headers(&context, response.headers(), now);
    /// assert!(outcome.iter().all(Result::is_ok));
    /// jar.put_header(&context, request.headers_mut(), now);
    /// assert_eq!(request.headers()["cookie"], "id=1; theme=dark");
    /// # Ok(())
    /// # }
    /// ```
    pub fn put_header(&self, context: &RequestContext, headers: &mut HeaderMap, now: SystemTime) {
        match self.header_value(context, now) {
            Some(value) => headers.insert(COOKIE, value),
            None => headers.remove(COOKIE),
        };
    }

    /// Returns the value of the `Cookie` field, marked as sensitive, or `None` if there are no cookies to send.
    pub fn header_value(&self, context: &RequestContext, now: SystemTime) -> Option<HeaderValue> {
        // The only control character that the jar accepts is the tab, so every cookie is a valid header value.
        let mut value = HeaderValue::try_from(self.header(context, now)?).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// Sets the cookies of all `Set-Cookie` fields of a response, and returns the outcome for each field. The server's
    /// time is the response's `Date`, unless [the context](RequestContext::date) contains a time.
    pub fn take_headers(
        &mut self,
        context: &RequestContext,
        headers: &HeaderMap,
        now: SystemTime,
    ) -> Vec<Result<JarChange, Refusal>> {
        let date = context.date.or_else(|| cookie_date(headers.get(DATE)?));
        let context = date.map_or(Cow::Borrowed(context), |date| Cow::Owned(context.clone().date(date)));
        headers.get_all(SET_COOKIE).iter().map(|line| self.set(&context, line, now)).collect()
    }
}

#[cfg(all(test, feature = "psl"))]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn an_old_header_is_removed() {
        let jar = Jar::new();
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, HeaderValue::from_static("stale=1"));
        let context = RequestContext::http("https://example.com/").expect("a URL");
        jar.put_header(&context, &mut headers, SystemTime::UNIX_EPOCH);
        assert!(headers.is_empty());
    }

    #[test]
    fn the_date_header_sets_the_servers_clock() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        let expires = |date: Option<&'static str>, context: &RequestContext| {
            let mut headers = HeaderMap::new();
            let line = "a=1; Expires=Tue, 14 Nov 2023 21:13:20 GMT";
            headers.insert(SET_COOKIE, HeaderValue::from_static(line));
            if let Some(date) = date {
                headers.insert(DATE, HeaderValue::from_static(date));
            }
            let mut jar = Jar::new();
            jar.take_headers(context, &headers, now)[0].expect("taken");
            jar.iter().next().and_then(|cookie| cookie.expires()?.duration_since(now).ok())
        };
        let context = RequestContext::http("https://example.com/").expect("a URL");
        let two_hours = Some(Duration::from_secs(7_200));
        // The server's clock is two hours behind; the cookie expires one hour later.
        assert_eq!(
            expires(Some("Tue, 14 Nov 2023 20:13:20 GMT"), &context),
            Some(Duration::from_secs(3_600))
        );
        assert_eq!(expires(Some("Tue Nov 14 19:13:20 2023"), &context), two_hours);
        assert_eq!(expires(None, &context), None);
        assert_eq!(expires(Some("now"), &context), None);
        // A date set on the context overrides the header.
        let said = context.date(now - Duration::from_secs(3 * 3_600));
        assert_eq!(expires(Some("Tue, 14 Nov 2023 20:13:20 GMT"), &said), two_hours);
    }

    #[test]
    fn every_stored_cookie_is_a_valid_header_value() {
        let context = RequestContext::http("https://example.com/").expect("a URL");
        for byte in 0..=u8::MAX {
            let mut jar = Jar::new();
            let line = [b"a=b", [byte].as_slice(), b"c"].concat();
            if jar.set(&context, line, SystemTime::UNIX_EPOCH).is_ok() {
                assert!(jar.header_value(&context, SystemTime::UNIX_EPOCH).is_some(), "{byte:#x}");
            }
        }
    }
}
