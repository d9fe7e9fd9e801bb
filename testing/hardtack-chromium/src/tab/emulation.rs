use std::collections::BTreeMap;

use serde_json::json;

use crate::error::Error;
use crate::tab::page::Page;

/// The size of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Viewport {
    /// The name of the size, such as `phone`.
    pub name: &'static str,
    /// The width in CSS pixels.
    pub width: u32,
    /// The height in CSS pixels.
    pub height: u32,
    /// The number of screen pixels per CSS pixel, in each direction.
    pub scale: u32,
}

impl Viewport {
    /// A desktop window.
    pub const DESKTOP: Self = Self { name: "desktop", width: 1440, height: 1150, scale: 1 };
    /// The screen of a phone.
    pub const PHONE: Self = Self { name: "phone", width: 390, height: 844, scale: 2 };
}

/// A color scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// Dark text on a light background.
    Light,
    /// Light text on a dark background.
    Dark,
}

impl Theme {
    /// Both themes.
    pub const ALL: [Self; 2] = [Self::Light, Self::Dark];

    /// Returns the name of the color scheme in style sheets.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// Whether a page's scripts run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scripts {
    /// Scripts run.
    On,
    /// Scripts do not run, as if JavaScript were disabled.
    Off,
}

impl Page {
    /// Sets the size of the window.
    ///
    /// # Errors
    ///
    /// Fails if the browser has exited.
    pub async fn set_viewport(&self, viewport: Viewport) -> Result<(), Error> {
        let params = json!({
            "width": viewport.width,
            "height": viewport.height,
            "deviceScaleFactor": viewport.scale,
            "mobile": viewport == Viewport::PHONE,
        });
        self.call("Emulation.setDeviceMetricsOverride", params).await.map(drop)
    }

    /// Sets the color scheme that the page sees as preferred. Also tells the page to reduce motion.
    ///
    /// # Errors
    ///
    /// Fails if the browser has exited.
    pub async fn set_theme(&self, theme: Theme) -> Result<(), Error> {
        let features = json!([
            { "name": "prefers-color-scheme", "value": theme.name() },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.call("Emulation.setEmulatedMedia", json!({ "features": features })).await.map(drop)
    }

    /// Sets whether scripts run in pages that are opened from now on.
    ///
    /// # Errors
    ///
    /// Fails if the browser has exited.
    pub async fn set_scripts(&self, scripts: Scripts) -> Result<(), Error> {
        let params = json!({ "value": scripts == Scripts::Off });
        self.call("Emulation.setScriptExecutionDisabled", params).await.map(drop)
    }

    /// Sets headers that are added to each request from now on. They replace the headers that were set before.
    ///
    /// # Errors
    ///
    /// Fails if the browser refuses a header.
    pub async fn set_headers(&self, headers: &[(&str, &str)]) -> Result<(), Error> {
        let headers: BTreeMap<_, _> = headers.iter().copied().collect();
        self.call("Network.setExtraHTTPHeaders", json!({ "headers": headers })).await.map(drop)
    }

    /// Accepts any TLS certificate from now on. Use this method only with test servers.
    ///
    /// # Errors
    ///
    /// Fails if the browser has exited.
    pub async fn insecure_certificates(&self) -> Result<(), Error> {
        self.call("Security.setIgnoreCertificateErrors", json!({ "ignore": true })).await.map(drop)
    }
}
