use hardtack::inspect::{Answer, Call};
use serde::Serialize;

/// A call to the store, and how long it took.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct StoreCall {
    /// The name of the method, followed by the result if it is not the usual one: for example, `load` or `replace,
    /// refused`.
    pub name: String,
    /// The duration in microseconds.
    pub micros: u64,
    /// The start of the call, as a percentage of the total duration of all calls.
    pub start: f64,
    /// The duration of the call, as a percentage of the total duration of all calls.
    pub width: f64,
}

impl StoreCall {
    /// Returns the calls that one request made, in order, but at most the first 40.
    pub(super) fn all(calls: &[Call]) -> Vec<Self> {
        const MAX_CALLS: usize = 40;
        let total: f64 = calls.iter().map(|call| call.took.as_secs_f64()).sum::<f64>().max(f64::MIN_POSITIVE);
        let mut start = 0.0;
        let store_calls = calls.iter().take(MAX_CALLS).map(|call| {
            let width = 100.0 * call.took.as_secs_f64() / total;
            let store_call = Self {
                name: match call.answer {
                    Answer::Nothing => format!("{}, not found", call.method),
                    Answer::Refused => format!("{}, refused", call.method),
                    Answer::Failed => format!("{}, failed", call.method),
                    _ => call.method.to_owned(),
                },
                micros: u64::try_from(call.took.as_micros()).unwrap_or(u64::MAX),
                start,
                width,
            };
            start += width;
            store_call
        });
        store_calls.collect()
    }
}
