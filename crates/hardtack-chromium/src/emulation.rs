use std::collections::BTreeMap;

use serde_json::json;

use crate::error::Error;
use crate::page::Page;

/// The size of the window, in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Viewport {
    /// How it is called.
    pub name: &'static str,
    /// From left to right.
    pub width: u32,
    /// From top to bottom.
    pub height: u32,
    /// How many pixels of the screen a CSS pixel has, each way.
    pub scale: u32,
}

impl Viewport {
    /// A window on a desk.
    pub const DESKTOP: Self = Self { name: "desktop", width: 1440, height: 1150, scale: 1 };
    /// A telephone.
    pub const PHONE: Self = Self { name: "phone", width: 390, height: 844, scale: 2 };
}

/// What a person prefers to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Light, Self::Dark];

    /// How style sheets call it.
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
    /// They do.
    On,
    /// They do not, as where JavaScript is switched off.
    Off,
}

impl Page {
    /// The size of the window from now on.
    ///
    /// # Errors
    ///
    /// If the browser has ended.
    pub async fn set_viewport(&self, viewport: Viewport) -> Result<(), Error> {
        let params = json!({
            "width": viewport.width,
            "height": viewport.height,
            "deviceScaleFactor": viewport.scale,
            "mobile": viewport == Viewport::PHONE,
        });
        self.call("Emulation.setDeviceMetricsOverride", params).await.map(drop)
    }

    /// What style sheets find preferred from now on. Movement is not.
    ///
    /// # Errors
    ///
    /// If the browser has ended.
    pub async fn set_theme(&self, theme: Theme) -> Result<(), Error> {
        let features = json!([
            { "name": "prefers-color-scheme", "value": theme.name() },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.call("Emulation.setEmulatedMedia", json!({ "features": features })).await.map(drop)
    }

    /// Whether the scripts of pages opened from now on run.
    ///
    /// # Errors
    ///
    /// If the browser has ended.
    pub async fn set_scripts(&self, scripts: Scripts) -> Result<(), Error> {
        let params = json!({ "value": scripts == Scripts::Off });
        self.call("Emulation.setScriptExecutionDisabled", params).await.map(drop)
    }

    /// Headers that each request from now on carries besides its own; these and no earlier ones.
    ///
    /// # Errors
    ///
    /// If the browser refuses one.
    pub async fn set_headers(&self, headers: &[(&str, &str)]) -> Result<(), Error> {
        let headers: BTreeMap<_, _> = headers.iter().copied().collect();
        self.call("Network.setExtraHTTPHeaders", json!({ "headers": headers })).await.map(drop)
    }

    /// Believes any certificate from now on, for servers of a test.
    ///
    /// # Errors
    ///
    /// If the browser has ended.
    pub async fn insecure_certificates(&self) -> Result<(), Error> {
        self.call("Security.setIgnoreCertificateErrors", json!({ "ignore": true })).await.map(drop)
    }
}
