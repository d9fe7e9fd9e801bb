use std::cell::RefCell;

use crate::slot::Slot;

thread_local! {
    /// The sessions of which an [`update`](crate::Session::update) runs its function on this thread, innermost last.
    ///
    /// Kept by thread and not in the slot, because a function also runs again where the slot cannot know of it: in the
    /// commit, on any thread. Other tasks of the same request are on other threads, or wait until the function is done.
    static RUNNING: RefCell<Vec<Running>> = const { RefCell::new(Vec::new()) };
}

struct Running {
    slot: SlotAddress,
    misused: bool,
}

/// Distinguishes slots as long as they are held, even weakly.
type SlotAddress = usize;

/// Says that a function of an `update` runs on this thread, until it is dropped.
pub(crate) struct RunningGuard(());

impl RunningGuard {
    pub(crate) fn enter(slot: *const Slot) -> Self {
        RUNNING.with_borrow_mut(|running| running.push(Running { slot: slot.addr(), misused: false }));
        Self(())
    }

    /// Whether the function has used its own session.
    pub(crate) fn was_misused(&self) -> bool {
        RUNNING.with_borrow(|running| running.last().is_some_and(|innermost| innermost.misused))
    }
}

impl Drop for RunningGuard {
    fn drop(&mut self) {
        RUNNING.with_borrow_mut(|running| running.pop());
    }
}

/// Whether a slot is used from inside a function that updates it. The guard of that function then knows.
#[inline]
pub(crate) fn is_misused(slot: *const Slot) -> bool {
    // A thread that is going down runs no function any more.
    RUNNING.try_with(|running| is_among(&mut running.borrow_mut(), slot)).unwrap_or(false)
}

#[inline]
fn is_among(running: &mut [Running], slot: *const Slot) -> bool {
    let mut inside = false;
    for entry in running.iter_mut().filter(|entry| entry.slot == slot.addr()) {
        (entry.misused, inside) = (true, true);
    }
    inside
}
