use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hardtack_core::protocol::{Dictionary, IdChange, Origin, StoreAction};
use hardtack_core::store::{Commit, Committed, Located, StoreError};
use tokio::runtime::Handle;

use crate::config::{BoxFuture, StoreBackend};
use crate::observe::{EventKind, Stopwatch, Subject};
use crate::slot::{Slot, StoreSession};
use crate::store_session::commit::end_of;
use crate::store_session::intent::Intent;

/// A commit in progress. If the commit is dropped early, because its request was canceled, it is finished in the
/// background, so that no logout stops halfway. Only a renewal is not finished.
pub(crate) struct Underway {
    slot: Arc<Slot>,
    backend: Arc<StoreBackend>,
    intent: Intent,
    stopwatch: Stopwatch,
    progress: Progress,
}

enum Progress {
    Running(BoxFuture<Committed>),
    /// Like `Running`, but after the request has been dropped.
    InBackground(BoxFuture<Committed>),
    /// The commit is being polled. If it is dropped in this state, the poll has panicked.
    Polled,
    Done,
}

impl Underway {
    pub(crate) fn new(slot: &Arc<Slot>, backend: Arc<StoreBackend>, commit: Box<Commit>) -> Self {
        let intent = Intent::of(&commit);
        let stopwatch = slot.config.events.start();
        let work = Arc::clone(&backend.store).commit(commit, slot.trace.clone());
        Self { slot: Arc::clone(slot), backend, intent, stopwatch, progress: Progress::Running(work) }
    }

    /// Finishes the commit without waiting for it.
    pub(crate) fn finish_in_background(self) {
        drop(self);
    }

    #[cold]
    fn move_to_background(&self, work: BoxFuture<Committed>) {
        let background = Self {
            slot: Arc::clone(&self.slot),
            backend: Arc::clone(&self.backend),
            intent: self.intent.clone(),
            stopwatch: self.stopwatch,
            progress: Progress::InBackground(work),
        };
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(background.conclude());
        }
    }

    /// Creates the commit that ends a session that was just written.
    fn end_of(&self, located: Located) -> Box<Commit> {
        let mut session = StoreSession::new(&self.backend, Origin::Live, Dictionary::new(), Some(located));
        session.data.id_change = IdChange::LogOut;
        end_of(&self.slot.config, session)
    }

    /// Waits for the outcome, which no response can report.
    async fn conclude(mut self) {
        let committed = (&mut self).await;
        let slot = &*self.slot;
        match committed {
            // The session has just begun, and no browser has received its id, so it is ended.
            Ok(Committed { id: Some(_), located: Some(located), .. })
                if matches!(self.intent.action, StoreAction::Create | StoreAction::Sever) =>
            {
                let what = "the new session is ended, because no browser received its id";
                slot.emit(Subject::of(Some(&located.key)), EventKind::Abandoned { what });
                let end = self.end_of(located);
                let (intent, stopwatch) = (Intent::of(&end).into_cleanup(), slot.config.events.start());
                let ended = Arc::clone(&self.backend.store).commit(end, slot.trace.clone()).await;
                intent.report(slot, &ended, stopwatch.elapsed());
            }
            Ok(_) => {}
            Err(_) if self.intent.is_logout() => {
                let why = "the store failed after its request was canceled";
                slot.emit(Subject::of(self.intent.key.as_ref()), EventKind::LogoutLost { why });
            }
            Err(_) => {}
        }
    }
}

impl Future for Underway {
    type Output = Result<Committed, StoreError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let is_in_background = matches!(self.progress, Progress::InBackground(_));
        let (mut work, again): (_, fn(_) -> _) = match std::mem::replace(&mut self.progress, Progress::Polled)
        {
            Progress::Running(work) => (work, Progress::Running),
            Progress::InBackground(work) => (work, Progress::InBackground),
            Progress::Polled | Progress::Done => {
                unreachable!("a future is not polled after it has completed")
            }
        };
        let polled = work.as_mut().poll(context);
        self.progress = if polled.is_ready() { Progress::Done } else { again(work) };
        if let Poll::Ready(committed) = &polled {
            if let Ok(committed) = committed {
                self.slot.trace.committed(committed);
            }
            if is_in_background {
                self.intent.forget_login();
            }
            self.intent.report(&self.slot, committed, self.stopwatch.elapsed());
        }
        polled
    }
}

impl Drop for Underway {
    fn drop(&mut self) {
        let subject = Subject::of(self.intent.key.as_ref());
        let abandoned = |what| self.slot.emit(subject, EventKind::Abandoned { what });
        match std::mem::replace(&mut self.progress, Progress::Done) {
            Progress::Done => {}
            // No browser would receive the new id of a renewed session, so it is better to keep the old id.
            Progress::Running(_) if self.intent.action == StoreAction::Renew => {
                abandoned("a renewal was interrupted; whether its changes were saved is unknown");
            }
            // If there is no runtime, or if the runtime shuts down, the background work is dropped, which the next arms
            // report.
            Progress::Running(work) => self.move_to_background(work),
            Progress::InBackground(_) | Progress::Polled if self.intent.is_logout() => {
                let why = "its request was canceled, and no Tokio runtime was available to finish it";
                self.slot.emit(Subject::of(self.intent.key.as_ref()), EventKind::LogoutLost { why });
            }
            Progress::InBackground(_) | Progress::Polled => {
                abandoned("a write was interrupted; whether it was saved is unknown");
            }
        }
    }
}
