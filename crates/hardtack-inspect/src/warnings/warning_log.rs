use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::Serialize;

use crate::exchange_ref::ExchangeRef;
use crate::warnings::Warning;

/// Warnings without duplicates, each with the number of times that it occurred.
#[derive(Default)]
pub(crate) struct WarningLog {
    /// The warnings by subject and message.
    warnings: BTreeMap<(String, String), CountedWarning>,
}

/// A warning, and the number of times that it occurred.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct CountedWarning {
    /// The warning.
    #[serde(flatten)]
    pub(crate) warning: Warning,
    /// The number of times that the warning occurred.
    pub(crate) times: u64,
    /// The last exchange in which the warning occurred.
    pub(crate) last: ExchangeRef,
}

impl WarningLog {
    /// Counts a warning that an exchange caused.
    pub(crate) fn record(&mut self, warning: &Warning, exchange: &ExchangeRef) {
        const MAX_WARNINGS: usize = 200;
        let key = (warning.subject.clone(), warning.message.clone());
        let is_full = self.warnings.len() >= MAX_WARNINGS;
        match self.warnings.get_mut(&key) {
            Some(counted) => {
                counted.times += 1;
                counted.last = exchange.clone();
            }
            None if is_full => {}
            None => {
                let counted = CountedWarning { warning: warning.clone(), times: 1, last: exchange.clone() };
                self.warnings.insert(key, counted);
            }
        }
    }

    /// Returns the number of different warnings, except those that are merely informative.
    pub(crate) fn count(&self) -> usize {
        self.warnings.values().filter(|counted| !counted.warning.is_notice()).count()
    }

    /// Returns the warnings, most severe first. Those of the same severity are ordered from newest to oldest.
    pub(crate) fn sorted(&self) -> Vec<CountedWarning> {
        let mut warnings: Vec<_> = self.warnings.values().cloned().collect();
        warnings.sort_by_key(|counted| Reverse((counted.warning.severity, counted.last.number)));
        warnings
    }
}
