use hardtack_core::session::SessionId;

use crate::interleave::history::{Data, End, Event};
use crate::interleave::model::Model;
use crate::request::USER_KEY;

/// Looks for an order of the events in which the model sees, answers and ends the same. Gives how the model ends there.
///
/// An event lies somewhere between its begin and its end; what a request saw was so at some moment between its begin
/// and the hour it had seen it. What ended unknown may be done or not.
pub(crate) fn find_order(
    start: &Model,
    events: &[Event],
    first_number: usize,
    is_end: &mut dyn FnMut(&Model) -> bool,
) -> Option<Model> {
    let states = vec![State::Waiting; events.len()];
    Search { events, first_number, is_end }.from(start, states)
}

/// Whether none of a user's data is where another user can read it.
pub(crate) fn is_private(data: &Data) -> bool {
    let Some(user) = data.get(USER_KEY).map(|user| user.trim_matches('"')) else { return true };
    data.values()
        .filter_map(|text| text.trim_matches('"').split_once(':'))
        .all(|(whose, _)| whose == "guest" || whose == user)
}

/// The id's short name, for who reads a trace.
pub(crate) fn name_of(events: &[Event], id: SessionId) -> String {
    let at = events.iter().position(|event| event.fresh == id);
    at.map_or_else(|| "?".to_owned(), |at| format!("#{at}"))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Waiting,
    /// It has seen what it saw.
    Opened,
    Done,
}

struct Search<'a> {
    events: &'a [Event],
    first_number: usize,
    is_end: &'a mut dyn FnMut(&Model) -> bool,
}

impl Search<'_> {
    fn from(&mut self, model: &Model, mut states: Vec<State>) -> Option<Model> {
        self.open(model, &mut states);
        if states.iter().all(|state| *state == State::Done) {
            return (model.is_settled() && (self.is_end)(model)).then(|| model.clone());
        }
        let mut next: Vec<usize> = (0..states.len()).filter(|at| self.is_next(*at, &states)).collect();
        // Most often the order is that of the ends.
        next.sort_by_key(|at| self.events[*at].ended());
        for at in next {
            let event = &self.events[at];
            let mut after = states.clone();
            after[at] = State::Done;
            let rivals: Vec<&Event> = self.events.iter().filter(|rival| rival.overlaps(event)).collect();
            for (model, answer) in model.ways(event, self.first_number + at, &rivals) {
                let agrees = match event.end {
                    End::Answered(answered, _) => answered == answer,
                    End::Unknown(_) | End::Open => true,
                };
                if agrees && let Some(end) = self.from(&model, after.clone()) {
                    return Some(end);
                }
            }
            if matches!(event.end, End::Unknown(_))
                && let Some(end) = self.from(model, after)
            {
                return Some(end);
            }
        }
        None
    }

    /// Whether an event may come next: it has seen its session, and nothing that was over before it began is left.
    fn is_next(&self, at: usize, states: &[State]) -> bool {
        states[at] == State::Opened && self.may_begin(at, states)
    }

    fn may_begin(&self, at: usize, states: &[State]) -> bool {
        let event = &self.events[at];
        self.events.iter().zip(states).all(|(earlier, state)| match state {
            State::Done => true,
            State::Opened => earlier.ended() >= event.begun,
            State::Waiting => match &earlier.saw {
                Some((_, hour)) => *hour >= event.begun,
                None => earlier.ended() >= event.begun,
            },
        })
    }

    /// Lets all see what they saw whom the model shows it now. That takes nothing from anyone.
    fn open(&self, model: &Model, states: &mut [State]) {
        loop {
            let mut opened = false;
            for (at, event) in self.events.iter().enumerate() {
                let shows = event.saw.as_ref().is_none_or(|(view, _)| model.shows(event.cookie, view));
                if states[at] == State::Waiting && shows && self.may_begin(at, states) {
                    states[at] = State::Opened;
                    opened = true;
                }
            }
            if !opened {
                return;
            }
        }
    }
}
