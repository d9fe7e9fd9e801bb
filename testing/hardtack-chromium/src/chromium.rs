use std::fmt;
use std::process::Child;
use std::sync::Arc;

use serde_json::json;

use crate::connection::Connection;
use crate::context::Context;
use crate::error::Error;

/// A running Chromium process. The process exits when this value is dropped, or when the test program is killed.
///
/// Tests can share one browser, each with its own [`Context`]. See [`Launch`](crate::Launch) for launch options.
pub struct Chromium {
    connection: Arc<Connection>,
    child: Child,
    version: String,
}

impl Chromium {
    /// Creates an empty profile, like a private window. Profiles do not share cookies or storage.
    ///
    /// # Errors
    ///
    /// Fails if the browser has exited.
    pub async fn context(&self) -> Result<Context, Error> {
        let params = json!({ "disposeOnDetach": true });
        let made = self.connection.call(None, "Target.createBrowserContext", params).await?;
        Ok(Context::new(
            Arc::clone(&self.connection),
            made["browserContextId"].as_str().unwrap_or_default().to_owned(),
        ))
    }

    /// Returns the browser's own version string, such as `Chrome/156.0.8078.79`.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    pub(crate) async fn new(mut child: Child) -> Result<Self, Error> {
        let (writer, reader) = child.stdin.take().zip(child.stdout.take()).ok_or_else(Error::gone)?;
        let connection = Arc::new(Connection::new(writer, reader));
        let mut chromium = Self { connection, child, version: String::new() };
        let version = chromium.connection.call(None, "Browser.getVersion", json!({})).await?;
        chromium.version = version["product"].as_str().unwrap_or_default().to_owned();
        Ok(chromium)
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        self.connection.close();
        let _ = self.child.wait();
    }
}

impl fmt::Debug for Chromium {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chromium").field("version", &self.version).finish_non_exhaustive()
    }
}
