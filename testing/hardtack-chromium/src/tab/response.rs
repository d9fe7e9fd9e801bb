use std::collections::BTreeMap;

use serde_json::Value;

/// The server's response to a navigation, after all redirects.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Response {
    /// The final URL.
    pub url: String,
    /// The status code, or 0 if the browser did not contact a server, as for `about:blank`.
    pub status: u16,
    headers: BTreeMap<String, String>,
}

impl Response {
    /// Returns the value of a header in the response, or an empty string if the header is missing.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(&name.to_ascii_lowercase()).map_or("", String::as_str)
    }

    /// Parses the event `Network.responseReceived`.
    pub(crate) fn of_event(params: &Value) -> Self {
        let response = &params["response"];
        let headers = response["headers"].as_object().into_iter().flatten();
        Self {
            url: response["url"].as_str().unwrap_or_default().to_owned(),
            status: response["status"]
                .as_u64()
                .and_then(|status| u16::try_from(status).ok())
                .unwrap_or_default(),
            headers: headers
                .map(|(name, value)| {
                    (name.to_ascii_lowercase(), value.as_str().unwrap_or_default().to_owned())
                })
                .collect(),
        }
    }
}
