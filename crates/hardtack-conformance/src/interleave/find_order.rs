use hardtack_core::protocol::SessionId;

use crate::interleave::history::{Data, End, Event};
use crate::interleave::model::Model;
use crate::request::USER_KEY;

/// Searches for an order of the events in which the model shows the same views, gives the same answers, and ends in a
/// state that `is_end` accepts. Returns this final state, or `None` if there is no such order.
///
/// An event takes effect at some point between its start and its end. A request's view was current at some point
/// between the start of the request and the tick at which the view was recorded. An event whose outcome is unknown may
/// or may not have taken effect.
pub(crate) fn find_order(
    start: &Model,
    events: &[Event],
    first_number: usize,
    is_end: &mut dyn FnMut(&Model) -> bool,
) -> Option<Model> {
    let states = vec![State::Waiting; events.len()];
    Search { events, first_number, is_end }.from(start, states)
}

/// Checks that the data contains no other user's values.
pub(crate) fn is_private(data: &Data) -> bool {
    let Some(user) = data.get(USER_KEY).map(|user| user.trim_matches('"')) else { return true };
    data.values()
        .filter_map(|text| text.trim_matches('"').split_once(':'))
        .all(|(owner, _)| owner == "guest" || owner == user)
}

/// Returns the id's short name, for traces.
pub(crate) fn name_of(events: &[Event], id: SessionId) -> String {
    let at = events.iter().position(|event| event.fresh == id);
    at.map_or_else(|| "?".to_owned(), |at| format!("#{at}"))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Waiting,
    /// The request has opened its session, or the operation has no view.
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
        // The order in which the operations ended is tried first, because it is the most likely one.
        next.sort_by_key(|at| self.events[*at].ended());
        for at in next {
            let event = &self.events[at];
            let mut after = states.clone();
            after[at] = State::Done;
            let concurrent: Vec<&Event> = self.events.iter().filter(|other| other.overlaps(event)).collect();
            for (model, answer) in model.transitions(event, self.first_number + at, &concurrent) {
                let agrees = match event.end {
                    End::Completed(answered, _) => answered == answer,
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

    /// Checks whether an event may be the next one: the event is open, and every event that ended before its start is
    /// done.
    fn is_next(&self, at: usize, states: &[State]) -> bool {
        states[at] == State::Opened && self.may_begin(at, states)
    }

    fn may_begin(&self, at: usize, states: &[State]) -> bool {
        let event = &self.events[at];
        self.events.iter().zip(states).all(|(earlier, state)| match state {
            State::Done => true,
            State::Opened => earlier.ended() >= event.begun,
            State::Waiting => match &earlier.saw {
                Some((_, tick)) => *tick >= event.begun,
                None => earlier.ended() >= event.begun,
            },
        })
    }

    /// Opens every event whose view the model shows now. Opening one event never prevents another from being opened.
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

#[cfg(test)]
mod tests {
    use hardtack_core::protocol::Origin;

    use super::*;
    use crate::interleave::history::{OperationResult, View};
    use crate::interleave::model::Lookup;
    use crate::interleave::operation::{Mutation, Operation};

    fn id(number: u8) -> SessionId {
        SessionId::from_random([number; 32])
    }

    fn counted(count: &str) -> Data {
        [("n".to_owned(), count.to_owned())].into()
    }

    /// Returns an increment by a browser with the first event's id, which saw the given count, or by a browser without
    /// a cookie.
    fn increment(fresh: u8, saw: Option<&str>, ticks: [u32; 2], answer: Option<OperationResult>) -> Event {
        let view = match saw {
            Some(count) => View { origin: Origin::Live, data: counted(count) },
            None => View { origin: Origin::New, data: Data::new() },
        };
        Event {
            task: 0,
            operation: Operation::visit(&[Mutation::Increment]),
            cookie: saw.map(|_| id(0)),
            fresh: id(fresh),
            begun: ticks[0],
            saw: Some((view, ticks[0] + 1)),
            end: answer.map_or(End::Unknown(ticks[1]), |answer| End::Completed(answer, ticks[1])),
        }
    }

    fn ends_with(events: &[Event], count: &str) -> bool {
        let count = counted(count);
        find_order(&Model::default(), events, 0, &mut |model| {
            matches!(model.look_up(id(0)), Lookup::Live(data, None, Origin::Live) if *data == count)
        })
        .is_some()
    }

    fn first() -> Event {
        increment(0, None, [1, 9], Some(OperationResult::set(id(0))))
    }

    #[test]
    fn every_increment_that_was_answered_counts() {
        let two = [1, 2].map(|fresh| increment(fresh, Some("1"), [10, 20], Some(OperationResult::NOTHING)));
        let events = [vec![first()], two.to_vec()].concat();
        assert!(ends_with(&events, "3"));
        assert!(!ends_with(&events, "2"), "a lost increment was explained");
        assert!(!ends_with(&events, "4"), "an increment counted twice was explained");
    }

    #[test]
    fn an_increment_that_ended_unknown_may_count() {
        let events = [first(), increment(1, Some("1"), [10, 20], None)];
        assert!(ends_with(&events, "1"));
        assert!(ends_with(&events, "2"));
        assert!(!ends_with(&events, "3"));
    }

    #[test]
    fn what_was_over_is_seen_by_who_begins() {
        let earlier = increment(1, Some("1"), [10, 20], Some(OperationResult::NOTHING));
        let stale = increment(2, Some("1"), [30, 40], Some(OperationResult::NOTHING));
        assert!(!ends_with(&[first(), earlier.clone(), stale], "3"), "a stale read was explained");
        let fresh = increment(2, Some("2"), [30, 40], Some(OperationResult::NOTHING));
        assert!(ends_with(&[first(), earlier, fresh], "3"));
    }

    #[test]
    fn a_wrong_answer_is_not_explained() {
        let dropped = increment(1, Some("1"), [10, 20], Some(OperationResult::DROPPED));
        assert!(!ends_with(&[first(), dropped.clone()], "1"));
        let removed = Event { end: End::Completed(OperationResult::set(id(1)), 20), ..dropped };
        assert!(!ends_with(&[first(), removed], "2"));
    }

    #[test]
    fn data_of_another_user_is_not_private() {
        let mut data: Data = [("cart", "\"guest:1\""), (USER_KEY, "\"bob\"")]
            .map(|(key, text)| (key.to_owned(), text.to_owned()))
            .into();
        assert!(is_private(&data));
        data.insert("note".to_owned(), "\"ada:2\"".to_owned());
        assert!(!is_private(&data));
    }
}
