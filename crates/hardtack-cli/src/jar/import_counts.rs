use std::fmt;

use hardtack_jar::Imported;
use serde_json::{Value as Json, json};

/// Counts of the cookies in one or more files: those that were imported, and those that were not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ImportCounts {
    taken: usize,
    outdated: usize,
    expired: usize,
    pub(super) left_out: usize,
    adjusted: usize,
}

impl ImportCounts {
    pub(super) fn of(imported: &Imported) -> Self {
        Self {
            taken: imported.taken(),
            outdated: imported.outdated(),
            expired: imported.expired(),
            left_out: imported.left_out().len(),
            adjusted: imported.adjusted().len(),
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.taken += other.taken;
        self.outdated += other.outdated;
        self.expired += other.expired;
        self.left_out += other.left_out;
        self.adjusted += other.adjusted;
    }

    /// Subtracts the cookies that were imported but cannot be written in the jar's format.
    pub(super) fn refuse(&mut self, unwritable: usize) {
        self.taken = self.taken.saturating_sub(unwritable);
    }

    pub(super) fn json(&self) -> Json {
        json!({
            "taken": self.taken,
            "outdated": self.outdated,
            "expired": self.expired,
            "left_out": self.left_out,
            "adjusted": self.adjusted,
        })
    }
}

/// Returns the end of a summary: the number of expired cookies that are not written back, or nothing if there are none.
pub(super) fn dropped(expired: usize) -> String {
    match expired {
        0 => String::new(),
        1 => ", 1 expired cookie dropped".to_owned(),
        _ => format!(", {expired} expired cookies dropped"),
    }
}

impl fmt::Display for ImportCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { taken, outdated, expired, left_out, adjusted } = self;
        write!(f, "{taken} imported, {outdated} outdated, {expired} expired, {left_out} left out")?;
        if *adjusted > 0 { write!(f, ", {adjusted} changed") } else { Ok(()) }
    }
}
