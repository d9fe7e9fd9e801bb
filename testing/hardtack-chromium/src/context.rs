use std::sync::Arc;

use serde_json::{Value, json};

use crate::connection::Connection;
use crate::cookie::BrowserCookie;
use crate::error::Error;
use crate::tab::page::Page;

/// A separate profile in a running browser. When this value is dropped, the browser removes the profile with its pages
/// and cookies.
#[derive(Debug)]
pub struct Context {
    connection: Arc<Connection>,
    id: String,
}

impl Context {
    /// Opens an empty tab.
    ///
    /// # Errors
    ///
    /// Fails if the browser has exited.
    pub async fn page(&self) -> Result<Page, Error> {
        let params = json!({ "url": "about:blank", "browserContextId": self.id });
        let made = self.connection.call(None, "Target.createTarget", params).await?;
        Page::attach(Arc::clone(&self.connection), made["targetId"].as_str().unwrap_or_default()).await
    }

    /// Returns the browser's own list of cookies for all hosts, sorted by domain, path, and name.
    ///
    /// # Errors
    ///
    /// Fails if the browser has exited.
    pub async fn cookies(&self) -> Result<Vec<BrowserCookie>, Error> {
        BrowserCookie::list(self.call("Storage.getCookies", json!({})).await?)
    }

    /// Adds a cookie to the browser's list, as a user can do with the developer tools.
    ///
    /// The browser treats the cookie as if a response from `url` had set it. For example, `url` determines whether a
    /// name such as `__Host-session` is accepted. A cookie whose domain does not start with a dot belongs only to the
    /// host of `url`.
    ///
    /// # Errors
    ///
    /// Fails if the browser refuses the cookie.
    pub async fn set_cookie(&self, url: &str, cookie: &BrowserCookie) -> Result<(), Error> {
        let params = json!({ "cookies": [cookie.to_param(url)] });
        self.call("Storage.setCookies", params).await.map(drop)
    }

    /// Removes all cookies.
    ///
    /// # Errors
    ///
    /// Fails if the browser has exited.
    pub async fn clear_cookies(&self) -> Result<(), Error> {
        self.call("Storage.clearCookies", json!({})).await.map(drop)
    }

    pub(crate) fn new(connection: Arc<Connection>, id: String) -> Self {
        Self { connection, id }
    }

    async fn call(&self, method: &str, mut params: Value) -> Result<Value, Error> {
        params["browserContextId"] = self.id.as_str().into();
        self.connection.call(None, method, params).await
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        self.connection.send("Target.disposeBrowserContext", json!({ "browserContextId": self.id }));
    }
}
