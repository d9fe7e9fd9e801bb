use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

/// Runs a future to completion on this thread.
///
/// This function is enough for a store that does not need a runtime. For other stores, pass a function that runs a
/// future on a runtime as the second argument of [`suite!`](crate::suite).
///
/// ```
/// assert_eq!(hardtack_conformance::block_on(async { 6 * 7 }), 42);
/// ```
pub fn block_on<F: Future>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Runs futures concurrently, and returns their results in the order of the futures.
pub(crate) async fn run_concurrently<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut futures: Vec<RacedFuture<F>> =
        futures.into_iter().map(|future| RacedFuture::Running(Box::pin(future))).collect();
    poll_fn(|context| {
        let mut all_done = true;
        for racer in &mut futures {
            if let RacedFuture::Running(future) = racer {
                match future.as_mut().poll(context) {
                    Poll::Ready(output) => *racer = RacedFuture::Done(output),
                    Poll::Pending => all_done = false,
                }
            }
        }
        if all_done { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    let done = futures.into_iter().filter_map(|racer| match racer {
        RacedFuture::Done(output) => Some(output),
        RacedFuture::Running(_) => None,
    });
    done.collect()
}

enum RacedFuture<F: Future> {
    Running(Pin<Box<F>>),
    Done(F::Output),
}

impl<F: Future> Unpin for RacedFuture<F> {}

/// Polls a future at most `polls` times, then drops it. Returns whether it completed.
pub(crate) async fn poll_at_most(future: impl Future, polls: usize) -> bool {
    let mut future = Box::pin(future);
    let mut left = polls;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(false);
        }
        left -= 1;
        match future.as_mut().poll(context) {
            Poll::Ready(_) => Poll::Ready(true),
            Poll::Pending if left == 0 => Poll::Ready(false),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_future_that_waits_for_another_thread_is_woken() {
        let mut asked = false;
        let waits = poll_fn(move |context| {
            if std::mem::replace(&mut asked, true) {
                return Poll::Ready(7);
            }
            let waker = context.waker().clone();
            thread::spawn(move || waker.wake());
            Poll::Pending
        });
        assert_eq!(block_on(waits), 7);
    }

    #[test]
    fn concurrent_results_keep_their_order() {
        assert_eq!(
            block_on(run_concurrently((0..5).map(|number| async move { number * 2 }))),
            [0, 2, 4, 6, 8]
        );
    }

    #[test]
    fn a_dropped_future_is_not_done() {
        assert!(!block_on(poll_at_most(std::future::pending::<()>(), 1)));
        assert!(block_on(poll_at_most(async {}, 1)));
    }
}
