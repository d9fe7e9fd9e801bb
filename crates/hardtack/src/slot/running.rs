use std::cell::RefCell;

use crate::slot::Slot;

thread_local! {
    /// The sessions whose [`update`](crate::Session::update) functions are running on this thread, innermost last.
    ///
    /// This list is kept per thread, not in the slot, because a commit may run a function again on any thread, without
    /// access to the slot. Other tasks of the same request run on other threads, or wait until the function returns.
    static RUNNING: RefCell<Vec<Running>> = const { RefCell::new(Vec::new()) };
}

struct Running {
    slot: SlotAddress,
    misused: bool,
}

/// The address of a slot, which identifies the slot as long as a strong or weak reference to it exists.
type SlotAddress = usize;

/// A guard that marks the function of an `update` as running on this thread until the guard is dropped.
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
    // While a thread shuts down, it does not run a function.
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
