//! Layers with a subscriber, for the whole suite: each visit checks that the events add up to the layer's metrics.

use std::cell::{Cell, RefCell};
use std::ptr;

use hardtack::{
    BackendSettings, Encrypted, EventKind, KeyRing, Metrics, SessionEvent, SessionLayer, SessionStore,
    Signed, Stored,
};
use tokio::runtime::{Handle, RuntimeFlavor};

pub(crate) fn stored(store: impl SessionStore) -> SessionLayer<Stored> {
    SessionLayer::stored(store).on_event(note)
}

pub(crate) fn signed(keys: KeyRing) -> SessionLayer<Signed> {
    SessionLayer::signed(keys).on_event(note)
}

pub(crate) fn encrypted(keys: KeyRing) -> SessionLayer<Encrypted> {
    SessionLayer::encrypted(keys).on_event(note)
}

thread_local! {
    /// The counters that result from the events on this thread.
    static SEEN: Cell<Metrics> = Cell::default();
    /// The visits in progress on this thread, outermost first.
    static VISITS: RefCell<Vec<Visit>> = const { RefCell::new(Vec::new()) };
}

struct Visit {
    layer: usize,
    /// Whether another layer was visited in the meantime. Its events are counted together with those of this layer.
    is_mixed: bool,
}

fn note(event: &SessionEvent<'_>) {
    let mut seen = SEEN.get();
    match *event.kind() {
        EventKind::Loaded { .. } => seen.loaded += 1,
        EventKind::Missed { .. } => seen.missed += 1,
        EventKind::Unreadable { .. } => seen.unreadable += 1,
        EventKind::Rejected { .. } => seen.rejected += 1,
        EventKind::Expired { .. } => seen.expired += 1,
        EventKind::Created { .. } => seen.created += 1,
        EventKind::Written { .. } => seen.written += 1,
        EventKind::Merged { overwritten, .. } => {
            seen.merged += 1;
            seen.overwritten += overwritten as u64;
        }
        EventKind::Conflict { retries, .. } => seen.conflicts += u64::from(retries),
        EventKind::Dropped { .. } => seen.dropped += 1,
        EventKind::Late { .. } => seen.late += 1,
        EventKind::FlashesDropped { number, .. } => seen.flashes_dropped += number as u64,
        EventKind::Crowded { .. } => seen.crowded += 1,
        EventKind::Abandoned { .. } => seen.abandoned += 1,
        EventKind::LogoutLost { .. } => seen.lost_logouts += 1,
        EventKind::Touched { .. } => seen.touched += 1,
        EventKind::Renewed { .. } => seen.renewed += 1,
        EventKind::LoggedIn { .. } => seen.logged_in += 1,
        EventKind::LoggedOut { .. } => seen.logged_out += 1,
        EventKind::Ended { .. } => seen.ended += 1,
        EventKind::Listed { .. } => seen.listed += 1,
        EventKind::Revoked { number, .. } => seen.revoked += number,
        EventKind::StoreFailed { .. } => seen.failed += 1,
        EventKind::UpdateFailed { .. } => seen.failed_updates += 1,
        _ => panic!("an event that is not counted here: {:?}", event.kind()),
    }
    SEEN.set(seen);
}

/// A visit whose events are compared with the layer's metrics.
pub(crate) struct Check {
    metrics: Metrics,
    seen: Metrics,
}

impl Check {
    pub(crate) fn begin<B: BackendSettings, K: 'static>(layer: &SessionLayer<B, K>) -> Self {
        let address = ptr::from_ref(layer).addr();
        VISITS.with_borrow_mut(|visits| {
            let is_mixed = visits.iter().any(|visit| visit.layer != address);
            visits.iter_mut().for_each(|visit| visit.is_mixed |= visit.layer != address);
            visits.push(Visit { layer: address, is_mixed });
        });
        Self { metrics: layer.metrics(), seen: SEEN.get() }
    }

    pub(crate) fn end<B: BackendSettings, K: 'static>(self, layer: &SessionLayer<B, K>) {
        let visit = VISITS.with_borrow_mut(|visits| {
            let address = ptr::from_ref(layer).addr();
            let at = visits.iter().rposition(|visit| visit.layer == address)?;
            Some(visits.remove(at))
        });
        let is_alone = visit.is_some_and(|visit| !visit.is_mixed);
        if is_alone && Handle::current().runtime_flavor() == RuntimeFlavor::CurrentThread {
            assert_eq!(
                added(self.seen, SEEN.get()),
                added(self.metrics, layer.metrics()),
                "events and metrics"
            );
        }
    }
}

fn added(before: Metrics, after: Metrics) -> Vec<(&'static str, u64)> {
    let of = |metrics: Metrics| {
        [
            ("loaded", metrics.loaded),
            ("missed", metrics.missed),
            ("unreadable", metrics.unreadable),
            ("rejected", metrics.rejected),
            ("expired", metrics.expired),
            ("created", metrics.created),
            ("written", metrics.written),
            ("merged", metrics.merged),
            ("conflicts", metrics.conflicts),
            ("overwritten", metrics.overwritten),
            ("dropped", metrics.dropped),
            ("late", metrics.late),
            ("flashes_dropped", metrics.flashes_dropped),
            ("crowded", metrics.crowded),
            ("abandoned", metrics.abandoned),
            ("lost_logouts", metrics.lost_logouts),
            ("touched", metrics.touched),
            ("renewed", metrics.renewed),
            ("logged_in", metrics.logged_in),
            ("logged_out", metrics.logged_out),
            ("ended", metrics.ended),
            ("listed", metrics.listed),
            ("revoked", metrics.revoked),
            ("failed", metrics.failed),
            ("failed_updates", metrics.failed_updates),
        ]
    };
    let differences = of(before).into_iter().zip(of(after));
    differences.map(|((name, before), (_, after))| (name, after - before)).filter(|(_, n)| *n > 0).collect()
}
