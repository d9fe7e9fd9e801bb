use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::broadcast::Receiver;

use crate::connection::{Connection, Event};
use crate::cookie::BrowserCookie;
use crate::error::Error;
use crate::tab::load::Load;
use crate::tab::response::Response;

/// A tab in the browser.
///
/// Methods take CSS selectors, and use the first element that matches.
#[derive(Debug)]
pub struct Page {
    connection: Arc<Connection>,
    target: String,
    session: String,
}

impl Page {
    /// Opens a URL, and waits until the page has loaded.
    ///
    /// # Errors
    ///
    /// Fails if the URL cannot be loaded.
    pub async fn open(&self, url: &str) -> Result<Response, Error> {
        let load = self.load().await?;
        let gone = self.call("Page.navigate", json!({ "url": url })).await?;
        match gone["errorText"].as_str() {
            Some(error) => Err(Error::page(format!("{url} cannot be opened: {error}"))),
            None => load.finish().await,
        }
    }

    /// Reloads the page.
    ///
    /// # Errors
    ///
    /// Fails if the browser has exited.
    pub async fn reload(&self) -> Result<Response, Error> {
        let load = self.load().await?;
        self.call("Page.reload", json!({})).await?;
        load.finish().await
    }

    /// Returns the visible text of an element.
    ///
    /// # Errors
    ///
    /// Fails if the element does not exist.
    pub async fn text(&self, selector: &str) -> Result<String, Error> {
        self.of(selector, "element.innerText.trim()").await
    }

    /// Returns the visible text of each matching element.
    ///
    /// # Errors
    ///
    /// Fails if the browser has exited.
    pub async fn texts(&self, selector: &str) -> Result<Vec<String>, Error> {
        let selector = json!(selector);
        self.evaluate(&format!(
            "[...document.querySelectorAll({selector})].map(element => element.innerText.trim())"
        ))
        .await
    }

    /// Returns an attribute of an element, or `None` if the element does not have it.
    ///
    /// # Errors
    ///
    /// Fails if the element does not exist.
    pub async fn attribute(&self, selector: &str, name: &str) -> Result<Option<String>, Error> {
        self.of(selector, &format!("element.getAttribute({})", json!(name))).await
    }

    /// Returns whether a matching element exists.
    ///
    /// # Errors
    ///
    /// Fails if the browser has exited.
    pub async fn has(&self, selector: &str) -> Result<bool, Error> {
        self.evaluate(&format!("document.querySelector({}) !== null", json!(selector))).await
    }

    /// Returns the URL that the tab shows.
    ///
    /// # Errors
    ///
    /// Fails if the browser has exited.
    pub async fn url(&self) -> Result<String, Error> {
        self.evaluate("location.href").await
    }

    /// Evaluates a JavaScript expression. If the value is a promise, waits for its result. This works even if the
    /// page's own scripts are disabled.
    ///
    /// # Errors
    ///
    /// Fails if the expression throws, or its value is not a `T`.
    pub async fn evaluate<T: DeserializeOwned>(&self, expression: &str) -> Result<T, Error> {
        let params = json!({
            "expression": expression,
            "returnByValue": true,
            "awaitPromise": true,
            "userGesture": true,
        });
        let mut answer = self.call("Runtime.evaluate", params).await?;
        if let Some(thrown) = answer.get("exceptionDetails") {
            let message = thrown["exception"]["description"].as_str().or(thrown["text"].as_str());
            return Err(Error::page(message.unwrap_or("a script threw an exception").to_owned()));
        }
        serde_json::from_value(answer["result"]["value"].take())
            .map_err(|error| Error::unreadable("a script's result", error))
    }

    /// Waits until a JavaScript expression is true, evaluating it before each frame that the browser would paint.
    ///
    /// # Errors
    ///
    /// Fails if the expression throws or does not become true.
    pub async fn until(&self, condition: &str) -> Result<(), Error> {
        let script = format!(
            "new Promise((resolve, reject) => {{
                const look = () => {{
                    try {{ ({condition}) ? resolve(true) : requestAnimationFrame(look); }}
                    catch (error) {{ reject(error); }}
                }};
                look();
            }})"
        );
        self.evaluate::<bool>(&script)
            .await
            .map(drop)
            .map_err(|error| Error::page(format!("waiting until {condition}: {error}")))
    }

    /// Returns the cookies that the browser would send to the URL that the tab shows.
    ///
    /// # Errors
    ///
    /// Fails if the browser has exited.
    pub async fn cookies(&self) -> Result<Vec<BrowserCookie>, Error> {
        BrowserCookie::list(self.call("Network.getCookies", json!({})).await?)
    }

    pub(crate) async fn attach(connection: Arc<Connection>, target: &str) -> Result<Self, Error> {
        let params = json!({ "targetId": target, "flatten": true });
        let attached = connection.call(None, "Target.attachToTarget", params).await?;
        let session = attached["sessionId"].as_str().unwrap_or_default().to_owned();
        let page = Self { connection, target: target.to_owned(), session };
        page.call("Page.enable", json!({})).await?;
        page.call("Network.enable", json!({})).await?;
        page.call("Page.setLifecycleEventsEnabled", json!({ "enabled": true })).await?;
        // Several tabs are used concurrently, and each must behave as if it had the focus.
        page.call("Emulation.setFocusEmulationEnabled", json!({ "enabled": true })).await?;
        Ok(page)
    }

    pub(crate) async fn call(&self, method: &str, params: Value) -> Result<Value, Error> {
        self.connection.call(Some(&self.session), method, params).await
    }

    /// Evaluates an expression in which `element` is the selected element.
    pub(crate) async fn of<T: DeserializeOwned>(&self, selector: &str, expression: &str) -> Result<T, Error> {
        let script = format!(
            "(() => {{
                const element = document.querySelector({selector});
                if (!element) throw new Error('there is no ' + {selector} + ' at ' + location.href);
                return {expression};
            }})()",
            selector = json!(selector),
        );
        self.evaluate(&script).await
    }

    /// Starts waiting for the next document.
    pub(crate) async fn load(&self) -> Result<Load, Error> {
        let events = self.events();
        Ok(Load::new(events, &self.call("Page.getFrameTree", json!({})).await?))
    }

    /// Subscribes to the events of the tab, from now on.
    pub(crate) fn events(&self) -> Receiver<Arc<Event>> {
        self.connection.events(&self.session)
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.connection.remove_page(&self.session);
        self.connection.send("Target.closeTarget", json!({ "targetId": self.target }));
    }
}
