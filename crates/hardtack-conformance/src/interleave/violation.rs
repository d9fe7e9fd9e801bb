use std::fmt;

use hardtack_core::protocol::SessionId;

use crate::interleave::find_order::name_of;
use crate::interleave::history::{End, Event, OperationResult};
use crate::interleave::operation::Operation;
use crate::interleave::schedule::{PlayedSchedule, Schedule};
use crate::request::Cookie;

/// A schedule in which a store, or code built on it, violated a guarantee. It contains the seed, and a trace of the
/// schedule.
#[derive(Debug)]
pub struct Violation {
    seed: u64,
    text: String,
}

impl Violation {
    pub(crate) fn new(
        schedule: &Schedule,
        why: &str,
        played: Option<&PlayedSchedule>,
        findings: &[String],
    ) -> Self {
        let mut text = format!("{why}\n");
        if let Some(fault) = schedule.fault {
            text += &format!("fault: task {} is {:?} at its stop {}\n", fault.task, fault.kind, fault.stop);
        }
        if let Some(played) = played {
            let events = &played.history.events;
            for (number, event) in events.iter().enumerate() {
                if number == played.before && schedule.pauses {
                    text += "eleven seconds pass\n";
                }
                text += &format!("#{number} {}\n", line(events, event));
            }
            for step in played.trace.iter().filter(|step| step.outcome.is_some()) {
                let at = step.key.map_or_else(String::new, |key| format!(" {}", played.history.name(&key)));
                text +=
                    &format!("task {}: {}{at}: {}\n", step.task, step.call, step.outcome.unwrap_or_default());
            }
        }
        for finding in findings {
            text += &format!("{finding}\n");
        }
        Self { seed: schedule.seed, text }
    }

    /// Returns the seed of the schedule. [`Schedules::only`](crate::Schedules::only) plays the schedule again, without
    /// faults: if the violation was found with drops or failures, add the same ones.
    pub fn seed(&self) -> u64 {
        self.seed
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "minimal schedule {}: {}", self.seed, self.text)
    }
}

impl std::error::Error for Violation {}

fn line(events: &[Event], event: &Event) -> String {
    let name = |id: SessionId| name_of(events, id);
    let task = if event.task == usize::MAX { "before".to_owned() } else { format!("task {}", event.task) };
    let cookie = event.cookie.map_or_else(|| "no cookie".to_owned(), name);
    let saw = match (&event.operation, &event.saw) {
        (Operation::Visit(_), Some((view, tick))) => {
            format!(", by {tick} saw {:?} {:?}", view.origin, view.data)
        }
        (Operation::Visit(_), None) => ", saw nothing yet".to_owned(),
        _ => String::new(),
    };
    let end = match &event.end {
        End::Open => "still open".to_owned(),
        End::Unknown(tick) => format!("unknown at {tick}"),
        End::Completed(OperationResult { dropped: true, .. }, tick) => format!("dropped at {tick}"),
        End::Completed(OperationResult { cookie, .. }, tick) => match cookie {
            Cookie::Nothing => format!("answered at {tick}"),
            Cookie::Set(id) => format!("answered at {tick} with {}", name(*id)),
            Cookie::Remove => format!("answered at {tick}, cookie removed"),
        },
    };
    format!("{task} with {cookie}, from {}: {}{saw}, {end}", event.begun, event.operation)
}
