use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::broadcast::Receiver;

use crate::connection::{Event, within_timeout};
use crate::error::Error;
use crate::tab::response::Response;

/// A wait until the next document of a page has loaded.
pub(crate) struct Load {
    events: Receiver<Arc<Event>>,
    frame: String,
    /// The id of the document that the page shows before the load.
    before: String,
}

impl Load {
    /// Creates the wait. `tree` is the answer to `Page.getFrameTree`, which must be requested after subscribing to
    /// `events`.
    pub(crate) fn new(events: Receiver<Arc<Event>>, tree: &Value) -> Self {
        let frame = &tree["frameTree"]["frame"];
        let text = |key: &str| frame[key].as_str().unwrap_or_default().to_owned();
        Self { events, frame: text("id"), before: text("loaderId") }
    }

    /// Waits until a new document has loaded, including its resources.
    pub(crate) async fn finish(mut self) -> Result<Response, Error> {
        let mut answers = HashMap::new();
        within_timeout("a new document to load", async {
            loop {
                let event = self.events.recv().await.map_err(|_| Error::gone())?;
                let params = &event.params;
                if params["frameId"].as_str() != Some(&self.frame) {
                    continue;
                }
                let Some(document) = params["loaderId"].as_str() else { continue };
                match event.method.as_str() {
                    "Network.responseReceived" if params["requestId"] == document => {
                        answers.insert(document.to_owned(), Response::of_event(params));
                    }
                    "Page.lifecycleEvent" if params["name"] == "load" && document != self.before => {
                        return Ok(answers.remove(document).unwrap_or_default());
                    }
                    _ => {}
                }
            }
        })
        .await?
    }
}
