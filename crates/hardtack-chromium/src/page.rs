use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::broadcast::Receiver;

use crate::answer::Answer;
use crate::connection::{Connection, Event};
use crate::cookie::BrowserCookie;
use crate::error::Error;
use crate::load::Load;

/// A tab.
///
/// Selectors are CSS; the first element that fits is meant.
#[derive(Debug)]
pub struct Page {
    connection: Arc<Connection>,
    target: String,
    session: String,
}

impl Page {
    /// Goes to an address, and waits until the page has loaded.
    ///
    /// # Errors
    ///
    /// If nobody answers there.
    pub async fn open(&self, url: &str) -> Result<Answer, Error> {
        let load = self.load().await?;
        let gone = self.call("Page.navigate", json!({ "url": url })).await?;
        match gone["errorText"].as_str() {
            Some(error) => Err(Error::page(format!("{url} cannot be opened: {error}"))),
            None => load.finish().await,
        }
    }

    /// Loads the page again.
    ///
    /// # Errors
    ///
    /// If the browser has ended.
    pub async fn reload(&self) -> Result<Answer, Error> {
        let load = self.load().await?;
        self.call("Page.reload", json!({})).await?;
        load.finish().await
    }

    /// The text of an element as a person sees it.
    ///
    /// # Errors
    ///
    /// If it is not there.
    pub async fn text(&self, selector: &str) -> Result<String, Error> {
        self.of(selector, "element.innerText.trim()").await
    }

    /// The texts of all elements that fit, as a person sees them.
    ///
    /// # Errors
    ///
    /// If the browser has ended.
    pub async fn texts(&self, selector: &str) -> Result<Vec<String>, Error> {
        let selector = json!(selector);
        self.evaluate(&format!(
            "[...document.querySelectorAll({selector})].map(element => element.innerText.trim())"
        ))
        .await
    }

    /// An attribute of an element, if it has it.
    ///
    /// # Errors
    ///
    /// If the element is not there.
    pub async fn attribute(&self, selector: &str, name: &str) -> Result<Option<String>, Error> {
        self.of(selector, &format!("element.getAttribute({})", json!(name))).await
    }

    /// Whether something that fits is there.
    ///
    /// # Errors
    ///
    /// If the browser has ended.
    pub async fn has(&self, selector: &str) -> Result<bool, Error> {
        self.evaluate(&format!("document.querySelector({}) !== null", json!(selector))).await
    }

    /// The address that the tab shows.
    ///
    /// # Errors
    ///
    /// If the browser has ended.
    pub async fn url(&self) -> Result<String, Error> {
        self.evaluate("location.href").await
    }

    /// What a JavaScript expression gives; a promise is waited for. It works also where the page's own scripts are off.
    ///
    /// # Errors
    ///
    /// If it throws, or gives something else than `T`.
    pub async fn evaluate<T: DeserializeOwned>(&self, expression: &str) -> Result<T, Error> {
        let params = json!({
            "expression": expression,
            "returnByValue": true,
            "awaitPromise": true,
            "userGesture": true,
        });
        let mut answer = self.call("Runtime.evaluate", params).await?;
        if let Some(thrown) = answer.get("exceptionDetails") {
            let said = thrown["exception"]["description"].as_str().or(thrown["text"].as_str());
            return Err(Error::page(said.unwrap_or("a script threw something").to_owned()));
        }
        serde_json::from_value(answer["result"]["value"].take())
            .map_err(|error| Error::unreadable("what a script gave", error))
    }

    /// Waits until a JavaScript expression is true: looked at before each frame that the browser would paint.
    ///
    /// # Errors
    ///
    /// If it throws, or does not become true.
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
            .map_err(|error| Error::page(format!("until {condition}: {error}")))
    }

    /// The cookies that the browser would send to the address that the tab shows.
    ///
    /// # Errors
    ///
    /// If the browser has ended.
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
        // Several tabs work at once, and each believes that it is looked at.
        page.call("Emulation.setFocusEmulationEnabled", json!({ "enabled": true })).await?;
        Ok(page)
    }

    pub(crate) async fn call(&self, method: &str, params: Value) -> Result<Value, Error> {
        self.connection.call(Some(&self.session), method, params).await
    }

    /// What an expression gives for an `element`.
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

    /// Begins to wait for the next document.
    pub(crate) async fn load(&self) -> Result<Load, Error> {
        let events = self.events();
        Ok(Load::new(events, &self.call("Page.getFrameTree", json!({})).await?))
    }

    /// What happens in the tab from now on.
    pub(crate) fn events(&self) -> Receiver<Arc<Event>> {
        self.connection.events(&self.session)
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.connection.forget(&self.session);
        self.connection.tell("Target.closeTarget", json!({ "targetId": self.target }));
    }
}
