use std::collections::HashSet;
use std::fmt;
use std::process::ExitCode;

use crate::journal::{Event, EventKind, Outcome, by_session};
use crate::serve::SessionView;

/// The result of checking a journal.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct CheckReport {
    pub(crate) sessions: usize,
    /// Writes that were acknowledged.
    pub(crate) acknowledged: u64,
    /// Acknowledged writes that are missing.
    pub(crate) lost: u64,
    /// Requests with an unknown outcome.
    pub(crate) unknown: u64,
    /// Sessions that disappeared although no client ended them.
    pub(crate) vanished: u64,
    /// Sessions that still existed although they had been ended.
    pub(crate) revived: u64,
    /// Pages that showed another user, or changes that no client made.
    pub(crate) strange: u64,
    /// Refusals without a time to retry.
    pub(crate) without_retry_time: u64,
}

/// Compares the acknowledged writes with the sessions that the clients saw at the end of the run.
pub(crate) fn check(events: &[Event]) -> CheckReport {
    let mut report = CheckReport::default();
    for kinds in by_session(events).values() {
        let mut session = Session::default();
        for kind in kinds {
            session.note(kind, &mut report);
        }
        report.sessions += usize::from(!session.user.is_empty());
    }
    report
}

/// The expected state of a session, according to the responses so far.
#[derive(Debug, Default)]
struct Session {
    user: String,
    counted: u64,
    unknown_counted: u64,
    pushed: HashSet<u64>,
    unknown_pushed: HashSet<u64>,
    is_ended: bool,
    may_be_gone: bool,
}

impl Session {
    fn note(&mut self, kind: &EventKind, report: &mut CheckReport) {
        match kind {
            EventKind::Began { user } => {
                self.user.clone_from(user);
                report.acknowledged += 1;
            }
            EventKind::Counted(outcome) => {
                *(if *outcome == Outcome::Acknowledged {
                    &mut self.counted
                } else {
                    &mut self.unknown_counted
                }) += 1;
                report.count(*outcome);
            }
            EventKind::Pushed(item, outcome) => {
                (if *outcome == Outcome::Acknowledged { &mut self.pushed } else { &mut self.unknown_pushed })
                    .insert(*item);
                report.count(*outcome);
            }
            EventKind::Ended(outcome) => {
                self.may_be_gone = true;
                self.is_ended |= *outcome == Outcome::Acknowledged;
                report.count(*outcome);
            }
            EventKind::IdLost => {
                self.may_be_gone = true;
                report.unknown += 1;
            }
            EventKind::RefusedWithoutRetryTime => report.without_retry_time += 1,
            EventKind::Seen(page) => {
                if page.user.is_none() && !self.may_be_gone {
                    report.vanished += 1;
                }
                if page.user.as_ref().is_some_and(|user| *user != self.user) {
                    report.strange += 1;
                }
            }
            EventKind::SeenAtEnd(page) => self.check_final_state(page, report),
        }
    }

    fn check_final_state(&self, page: &SessionView, report: &mut CheckReport) {
        let Some(user) = &page.user else {
            if !self.may_be_gone {
                report.vanished += 1;
                report.lost += self.counted + self.pushed.len() as u64;
            }
            return;
        };
        if self.is_ended {
            report.revived += 1;
            return;
        }
        let there: HashSet<u64> = page.list.iter().copied().collect();
        let is_strange = *user != self.user
            || page.count > self.counted + self.unknown_counted
            || there.len() != page.list.len()
            || !there.iter().all(|item| self.pushed.contains(item) || self.unknown_pushed.contains(item));
        report.strange += u64::from(is_strange);
        report.lost += self.counted.saturating_sub(page.count);
        report.lost += self.pushed.difference(&there).count() as u64;
    }
}

impl CheckReport {
    fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Acknowledged => self.acknowledged += 1,
            Outcome::Unknown => self.unknown += 1,
        }
    }

    pub(crate) fn is_clean(&self) -> bool {
        (self.lost, self.vanished, self.revived, self.strange, self.without_retry_time) == (0, 0, 0, 0, 0)
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        println!("{self}");
        if self.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

impl fmt::Display for CheckReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sessions, acknowledged, lost, unknown, vanished, revived, strange, without_retry_time } =
            self;
        write!(
            f,
            "{acknowledged} acknowledged writes in {sessions} sessions, {unknown} with an unknown outcome; {lost} \
             writes lost, {vanished} sessions lost, {revived} ended sessions came back, {strange} unexpected \
             pages, {without_retry_time} rejections without a retry time"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn began() -> EventKind {
        EventKind::Began { user: "ada".to_owned() }
    }

    fn left(user: Option<&str>, count: u64, list: &[u64]) -> EventKind {
        EventKind::SeenAtEnd(SessionView { user: user.map(str::to_owned), count, list: list.to_vec() })
    }

    fn report(kinds: Vec<EventKind>) -> CheckReport {
        check(&kinds.into_iter().map(|kind| Event { session: 1, kind }).collect::<Vec<_>>())
    }

    #[test]
    fn acknowledged_writes_must_be_there_and_others_may_be() {
        let done =
            || vec![began(), EventKind::Counted(Outcome::Acknowledged), EventKind::Counted(Outcome::Unknown)];
        for (count, lost, strange) in [(0, 1, 0), (1, 0, 0), (2, 0, 0), (3, 0, 1)] {
            let report = report([done(), vec![left(Some("ada"), count, &[])]].concat());
            assert_eq!((report.lost, report.strange), (lost, strange), "{count}");
        }
        let pushed = || {
            vec![began(), EventKind::Pushed(1, Outcome::Acknowledged), EventKind::Pushed(2, Outcome::Unknown)]
        };
        for (list, lost, strange) in
            [(&[][..], 1, 0), (&[1], 0, 0), (&[2, 1], 0, 0), (&[2], 1, 0), (&[1, 1], 0, 1), (&[1, 3], 0, 1)]
        {
            let report = report([pushed(), vec![left(Some("ada"), 0, list)]].concat());
            assert_eq!((report.lost, report.strange), (lost, strange), "{list:?}");
        }
    }

    #[test]
    fn ended_sessions_must_be_gone_and_others_must_be_there() {
        for (ended, user, vanished, revived) in [
            (None, Some("ada"), 0, 0),
            (None, None, 1, 0),
            (Some(Outcome::Acknowledged), Some("ada"), 0, 1),
            (Some(Outcome::Acknowledged), None, 0, 0),
            (Some(Outcome::Unknown), Some("ada"), 0, 0),
            (Some(Outcome::Unknown), None, 0, 0),
        ] {
            let kinds: Vec<EventKind> = [began()]
                .into_iter()
                .chain(ended.map(EventKind::Ended))
                .chain([left(user, 0, &[])])
                .collect();
            let report = report(kinds);
            assert_eq!((report.vanished, report.revived), (vanished, revived), "{ended:?}, {user:?}");
        }
    }

    #[test]
    fn no_page_may_show_another_user() {
        assert_eq!(report(vec![began(), left(Some("bob"), 0, &[])]).strange, 1);
        let page = SessionView { user: Some("bob".to_owned()), ..SessionView::default() };
        assert_eq!(report(vec![began(), EventKind::Seen(page)]).strange, 1);
        assert_eq!(report(vec![began(), EventKind::Seen(SessionView::default())]).vanished, 1);
    }
}
