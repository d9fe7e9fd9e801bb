use std::cell::RefCell;

use crate::slot::Slot;

thread_local! {
    /// The sessions whose [`update`](crate::Session::update) functions are running on this thread, innermost last.
    ///
    /// Kept by thread instead of in the slot, because a function also runs again where the slot cannot know of it: in
    /// the commit, on any thread. Other tasks of the same request run on other threads, or wait until the function
    /// returns.
    static RUNNING: RefCell<Vec<Running>> = const { RefCell::new(Vec::new()) };
}

struct Running {
    slot: SlotAddress,
    misused: bool,
}

/// The address of a slot, which identifies it while it is held, even weakly.
type SlotAddress = usize;

/// Marks a function of an `update` as running on this thread, until the guard is dropped.
pub(crate) struct RunningGuard(());

impl RunningGuard {
    pub(crate) fn enter(slot: *const Slot) -> Self {
        RUNNING.with_borrow_mut(|running| running.push(Running { slot: slot.addr(), misused: false }));
        Self(())
    }

    /// Returns whether the function has used its own session.
    pub(crate) fn was_misused(&self) -> bool {
        RUNNING.with_borrow(|running| running.last().is_some_and(|innermost| innermost.misused))
    }
}

impl Drop for RunningGuard {
    fn drop(&mut self) {
        RUNNING.with_borrow_mut(|running| running.pop());
    }
}

/// Returns whether a slot is used inside a function that updates it, and records this for the guard of that function.
#[inline]
pub(crate) fn is_misused(slot: *const Slot) -> bool {
    // A thread that is shutting down no longer runs a function.
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
