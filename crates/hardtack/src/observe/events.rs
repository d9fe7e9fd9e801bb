use std::time::{Duration, Instant};

use crate::observe::counters::{Counters, Metrics};
use crate::observe::{EventKind, SessionEvent, Subject, Subscribers, Trace, log};

/// The events of one layer, and their consumers.
pub(crate) struct Events {
    marker: &'static str,
    /// The salt of the hashes that identify sessions in events.
    salt: [u8; 32],
    counters: Counters,
    subscribers: Subscribers,
    /// The label of the layer's metrics.
    #[cfg(feature = "metrics")]
    label: metrics::SharedString,
}

impl Events {
    #[cfg_attr(not(feature = "metrics"), expect(unused_variables, reason = "only metrics have labels"))]
    pub(crate) fn new(marker: &'static str, salt: [u8; 32], subscribers: Subscribers, label: &str) -> Self {
        Self {
            marker,
            salt,
            counters: Counters::default(),
            subscribers,
            #[cfg(feature = "metrics")]
            label: metrics::SharedString::from_shared(label.into()),
        }
    }

    /// Passes an event to all consumers. The caller must not hold a lock, and the outcome that the event reports must
    /// be final.
    ///
    /// This method is inlined, because each caller passes a constant kind. Without subscribers, an event then costs
    /// only a counter and a check of the log level.
    #[inline(always)]
    pub(crate) fn emit(&self, trace: &Trace, subject: Subject<'_>, kind: EventKind<'_>) {
        let previous = self.counters.count(&kind);
        log::log(&kind, subject, &self.salt, previous);
        trace.report(&kind);
        #[cfg(feature = "metrics")]
        crate::observe::facade::record(&self.label, subject, &kind);
        if !self.subscribers.is_empty() {
            self.deliver(subject, kind);
        }
    }

    #[cold]
    #[inline(never)]
    fn deliver(&self, subject: Subject<'_>, kind: EventKind<'_>) {
        self.subscribers.deliver(&SessionEvent { marker: self.marker, kind, subject, salt: &self.salt });
    }

    /// Starts to measure the duration of a store operation, if a consumer needs it.
    #[inline]
    pub(crate) fn start(&self) -> Stopwatch {
        let is_wanted = cfg!(feature = "metrics") || !self.subscribers.is_empty();
        Stopwatch(is_wanted.then(Instant::now))
    }

    pub(crate) fn metrics(&self) -> Metrics {
        self.counters.metrics()
    }
}

/// The start time of a store operation, if the operation is measured.
#[derive(Clone, Copy)]
pub(crate) struct Stopwatch(Option<Instant>);

impl Stopwatch {
    #[inline]
    pub(crate) fn is_running(self) -> bool {
        self.0.is_some()
    }

    #[inline]
    pub(crate) fn elapsed(self) -> Option<Duration> {
        self.0.map(|start| start.elapsed())
    }
}
