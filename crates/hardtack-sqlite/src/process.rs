use hardtack_core::store::StoreError;

/// The process in which the store was opened.
///
/// A forked child inherits the store but none of its threads, so a request sent to them would never be answered. The
/// child must not use the connections either, because SQLite's locks stay with the parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Process(u32);

impl Process {
    pub(crate) fn current() -> Self {
        Self(std::process::id())
    }

    pub(crate) fn is_current(self) -> bool {
        self == Self::current()
    }

    /// Returns an error if the current process is a different one.
    pub(crate) fn check(self, doing: &'static str) -> Result<(), StoreError> {
        if self.is_current() { Ok(()) } else { Err(forked(doing)) }
    }
}

#[cold]
fn forked(doing: &'static str) -> StoreError {
    StoreError::new(
        doing,
        "the store was opened before this process was forked, and its threads run only in the parent: open the \
         store again in this process",
    )
}
