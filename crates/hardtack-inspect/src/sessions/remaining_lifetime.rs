use std::time::{Duration, SystemTime};

use hardtack::inspect::{BackendKind, LayerInfo, Timestamps};
use serde::Serialize;

use crate::format::{duration_text, millis};

/// A lifetime of a session, and how much of it remains.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RemainingLifetime {
    /// The title, such as `Expires if unused`.
    pub title: &'static str,
    /// The full lifetime in seconds.
    pub seconds: u64,
    /// The remaining time in seconds.
    pub left: u64,
    /// The time at which the lifetime ends, in milliseconds since 1970.
    pub until: u64,
    /// The remaining time as text, such as `23 h 12 min`.
    pub text: String,
}

impl RemainingLifetime {
    /// Returns the lifetimes of a session. `now` is the current time by the layer's clock.
    pub(super) fn all(layer: &LayerInfo, timestamps: &Timestamps, now: SystemTime) -> Vec<Self> {
        let first = match layer.kind {
            BackendKind::Stored => ("Expires if unused", layer.idle),
            _ => ("Expires if not written again", layer.max_age),
        };
        let second = ("Expires in any case", layer.absolute);
        let ends = [(first, timestamps.expires_at), (second, timestamps.deadline)];
        let lifetimes = ends
            .into_iter()
            .filter_map(|((title, total), until)| Some(Self::new(title, total?, until?, now)));
        lifetimes.collect()
    }

    /// Returns this lifetime with the time that remains at `now`, which is in milliseconds since 1970.
    pub(crate) fn at(&self, now: u64) -> Self {
        let left = self.until.saturating_sub(now) / 1000;
        Self { left, text: duration_text(left), ..self.clone() }
    }

    fn new(title: &'static str, total: Duration, until: SystemTime, now: SystemTime) -> Self {
        let left = until.duration_since(now).unwrap_or_default().as_secs();
        Self {
            title,
            seconds: total.as_secs().max(left),
            left,
            until: millis(until),
            text: duration_text(left),
        }
    }
}
