use std::sync::Arc;

use serde_json::{Value, json};

use crate::connection::Connection;
use crate::cookie::BrowserCookie;
use crate::error::Error;
use crate::page::Page;

/// A profile of its own inside a running browser; gone, with its pages and cookies, when dropped.
#[derive(Debug)]
pub struct Context {
    connection: Arc<Connection>,
    id: String,
}

impl Context {
    /// A new tab, empty.
    ///
    /// # Errors
    ///
    /// If the browser has ended.
    pub async fn page(&self) -> Result<Page, Error> {
        let params = json!({ "url": "about:blank", "browserContextId": self.id });
        let made = self.connection.call(None, "Target.createTarget", params).await?;
        Page::attach(Arc::clone(&self.connection), made["targetId"].as_str().unwrap_or_default()).await
    }

    /// The browser's own list of its cookies, of all hosts, in the order of domain, path and name.
    ///
    /// # Errors
    ///
    /// If the browser has ended.
    pub async fn cookies(&self) -> Result<Vec<BrowserCookie>, Error> {
        BrowserCookie::list(self.call("Storage.getCookies", json!({})).await?)
    }

    /// Puts a cookie into the browser's list, as somebody does who edits one by hand.
    ///
    /// `url` is where it is said to come from: that decides whether a name like `__Host-session` is believed. A cookie
    /// whose domain begins with no dot belongs to the host of `url` alone.
    ///
    /// # Errors
    ///
    /// If the browser refuses the cookie.
    pub async fn set_cookie(&self, url: &str, cookie: &BrowserCookie) -> Result<(), Error> {
        let params = json!({ "cookies": [cookie.to_param(url)] });
        self.call("Storage.setCookies", params).await.map(drop)
    }

    /// Forgets all cookies.
    ///
    /// # Errors
    ///
    /// If the browser has ended.
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
        self.connection.tell("Target.disposeBrowserContext", json!({ "browserContextId": self.id }));
    }
}
