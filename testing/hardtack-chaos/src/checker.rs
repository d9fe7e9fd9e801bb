use std::collections::HashSet;
use std::fmt;
use std::process::ExitCode;

use crate::journal::{Event, Known, What, by_session};
use crate::serve::Page;

/// The result of checking a journal.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) sessions: usize,
    /// Writes that were acknowledged.
    pub(crate) acknowledged: u64,
    /// Acknowledged writes that are missing.
    pub(crate) lost: u64,
    /// Requests with an unknown outcome.
    pub(crate) maybe: u64,
    /// Sessions that disappeared although no client ended them.
    pub(crate) vanished: u64,
    /// Sessions that still existed although they had been ended.
    pub(crate) undead: u64,
    /// Pages that showed another user, or changes that no client made.
    pub(crate) strange: u64,
    /// Refusals without a time to retry.
    pub(crate) rude: u64,
}

/// Compares what was acknowledged with what is stored.
pub(crate) fn check(events: &[Event]) -> Verdict {
    let mut verdict = Verdict::default();
    for whats in by_session(events).values() {
        let mut session = Session::default();
        for what in whats {
            session.note(what, &mut verdict);
        }
        verdict.sessions += usize::from(!session.user.is_empty());
    }
    verdict
}

/// The expected state of a session, according to the answers so far.
#[derive(Debug, Default)]
struct Session {
    user: String,
    counted: u64,
    maybe_counted: u64,
    pushed: HashSet<u64>,
    maybe_pushed: HashSet<u64>,
    is_ended: bool,
    may_be_gone: bool,
}

impl Session {
    fn note(&mut self, what: &What, verdict: &mut Verdict) {
        match what {
            What::Began { user } => {
                self.user.clone_from(user);
                verdict.acknowledged += 1;
            }
            What::Counted(known) => {
                *(if *known == Known::Surely { &mut self.counted } else { &mut self.maybe_counted }) += 1;
                verdict.count(*known);
            }
            What::Pushed(item, known) => {
                (if *known == Known::Surely { &mut self.pushed } else { &mut self.maybe_pushed })
                    .insert(*item);
                verdict.count(*known);
            }
            What::Ended(known) => {
                self.may_be_gone = true;
                self.is_ended |= *known == Known::Surely;
                verdict.count(*known);
            }
            What::Lost => {
                self.may_be_gone = true;
                verdict.maybe += 1;
            }
            What::Rude => verdict.rude += 1,
            What::Saw(page) => {
                if page.user.is_none() && !self.may_be_gone {
                    verdict.vanished += 1;
                }
                if page.user.as_ref().is_some_and(|user| *user != self.user) {
                    verdict.strange += 1;
                }
            }
            What::Left(page) => self.judge(page, verdict),
        }
    }

    fn judge(&self, page: &Page, verdict: &mut Verdict) {
        let Some(user) = &page.user else {
            if !self.may_be_gone {
                verdict.vanished += 1;
                verdict.lost += self.counted + self.pushed.len() as u64;
            }
            return;
        };
        if self.is_ended {
            verdict.undead += 1;
            return;
        }
        let there: HashSet<u64> = page.list.iter().copied().collect();
        let is_strange = *user != self.user
            || page.count > self.counted + self.maybe_counted
            || there.len() != page.list.len()
            || !there.iter().all(|item| self.pushed.contains(item) || self.maybe_pushed.contains(item));
        verdict.strange += u64::from(is_strange);
        verdict.lost += self.counted.saturating_sub(page.count);
        verdict.lost += self.pushed.difference(&there).count() as u64;
    }
}

impl Verdict {
    fn count(&mut self, known: Known) {
        match known {
            Known::Surely => self.acknowledged += 1,
            Known::Maybe => self.maybe += 1,
        }
    }

    pub(crate) fn is_clean(&self) -> bool {
        (self.lost, self.vanished, self.undead, self.strange, self.rude) == (0, 0, 0, 0, 0)
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        println!("{self}");
        if self.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sessions, acknowledged, lost, maybe, vanished, undead, strange, rude } = self;
        write!(
            f,
            "{acknowledged} acknowledged writes in {sessions} sessions, {maybe} of unknown outcome; {lost} writes lost, \
             {vanished} sessions vanished, {undead} came back, {strange} strange pages, {rude} refusals without a time"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn began() -> What {
        What::Began { user: "ada".to_owned() }
    }

    fn left(user: Option<&str>, count: u64, list: &[u64]) -> What {
        What::Left(Page { user: user.map(str::to_owned), count, list: list.to_vec() })
    }

    fn verdict(whats: Vec<What>) -> Verdict {
        check(&whats.into_iter().map(|what| Event { session: 1, what }).collect::<Vec<_>>())
    }

    #[test]
    fn what_was_acknowledged_must_be_there_and_what_was_not_may_be() {
        let done = || vec![began(), What::Counted(Known::Surely), What::Counted(Known::Maybe)];
        for (count, lost, strange) in [(0, 1, 0), (1, 0, 0), (2, 0, 0), (3, 0, 1)] {
            let verdict = verdict([done(), vec![left(Some("ada"), count, &[])]].concat());
            assert_eq!((verdict.lost, verdict.strange), (lost, strange), "{count}");
        }
        let pushed = || vec![began(), What::Pushed(1, Known::Surely), What::Pushed(2, Known::Maybe)];
        for (list, lost, strange) in
            [(&[][..], 1, 0), (&[1], 0, 0), (&[2, 1], 0, 0), (&[2], 1, 0), (&[1, 1], 0, 1), (&[1, 3], 0, 1)]
        {
            let verdict = verdict([pushed(), vec![left(Some("ada"), 0, list)]].concat());
            assert_eq!((verdict.lost, verdict.strange), (lost, strange), "{list:?}");
        }
    }

    #[test]
    fn what_was_ended_must_be_gone_and_what_was_not_must_be_there() {
        for (ended, user, vanished, undead) in [
            (None, Some("ada"), 0, 0),
            (None, None, 1, 0),
            (Some(Known::Surely), Some("ada"), 0, 1),
            (Some(Known::Surely), None, 0, 0),
            (Some(Known::Maybe), Some("ada"), 0, 0),
            (Some(Known::Maybe), None, 0, 0),
        ] {
            let whats: Vec<What> =
                [began()].into_iter().chain(ended.map(What::Ended)).chain([left(user, 0, &[])]).collect();
            let verdict = verdict(whats);
            assert_eq!((verdict.vanished, verdict.undead), (vanished, undead), "{ended:?}, {user:?}");
        }
    }

    #[test]
    fn nobody_may_be_shown_another_user() {
        assert_eq!(verdict(vec![began(), left(Some("bob"), 0, &[])]).strange, 1);
        let page = Page { user: Some("bob".to_owned()), ..Page::default() };
        assert_eq!(verdict(vec![began(), What::Saw(page)]).strange, 1);
        assert_eq!(verdict(vec![began(), What::Saw(Page::default())]).vanished, 1);
    }
}
