//! A store that executes every call on another thread also passes the suite, and schedules run in the same way on it.

use std::future::poll_fn;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};
use std::thread;

use hardtack_conformance::spy::{Answer, Call, Hook, Spy};
use hardtack_conformance::{Interleaved, Schedules, block_on, interleave};
use hardtack_core::store::{MemoryStore, StoreError};

/// A store that sends each call to a thread of its own, and waits for the answer.
type ThreadedStore = Spy<MemoryStore, Thread>;

struct Thread {
    jobs: Sender<Job>,
}

type Job = Box<dyn FnOnce() + Send>;

struct Reply {
    answer: Option<Result<Answer, StoreError>>,
    waker: Option<Waker>,
}

fn threaded() -> ThreadedStore {
    let (jobs, inbox) = channel::<Job>();
    thread::spawn(move || inbox.into_iter().for_each(|job| job()));
    Spy::on(Arc::default(), Thread { jobs })
}

impl Hook<MemoryStore> for Thread {
    async fn answer(&self, store: &MemoryStore, call: Call) -> Result<Answer, StoreError> {
        let reply = Arc::new(Mutex::new(Reply { answer: None, waker: None }));
        let (there, store) = (Arc::clone(&reply), store.clone());
        let job: Job = Box::new(move || {
            let answer = block_on(call.make(&store));
            let mut reply = there.lock().unwrap_or_else(PoisonError::into_inner);
            reply.answer = Some(answer);
            if let Some(waker) = reply.waker.take() {
                waker.wake();
            }
        });
        self.jobs.send(job).map_err(|_| StoreError::new("asking the thread", "it has ended"))?;
        poll_fn(|context| {
            let mut reply = reply.lock().unwrap_or_else(PoisonError::into_inner);
            match reply.answer.take() {
                Some(answer) => Poll::Ready(answer),
                None => {
                    reply.waker = Some(context.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }
}

#[test]
fn a_store_that_waits_passes_every_case() {
    let report = block_on(hardtack_conformance::run(|| async { threaded() }));
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.results().len(), hardtack_conformance::CASES.len());
    println!("{report}");
}

#[test]
fn schedules_play_the_same_whoever_does_the_calls() {
    let count = Schedules::new(500).with_failures();
    let here: Interleaved = block_on(interleave(&Arc::new(MemoryStore::new()), count)).unwrap();
    let there: Interleaved = block_on(interleave(&Arc::new(threaded()), count)).unwrap();
    assert_eq!(here, there);
}
