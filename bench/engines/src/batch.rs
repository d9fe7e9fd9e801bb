use std::future::Future;

use hardtack_bench_load::{Operation, Result, operation};
use tokio::sync::{mpsc, oneshot};

/// The maximum number of operations in a batch.
const GROUP: usize = 256;

/// A connection that executes many operations as one batch.
pub(crate) trait Batch: Send + 'static {
    /// Executes the operation for the sessions with the given numbers, which are all different.
    fn carry_out(&mut self, numbers: &[u64]) -> impl Future<Output = Result> + Send;
}

/// Returns an operation that only batches the requests that wait for a connection. Its speed is the best that a driver
/// can achieve.
pub(crate) fn batched<B: Batch>(connections: Vec<B>) -> Operation {
    let queues: Vec<_> = connections.into_iter().map(queue).collect();
    operation(move |number| {
        let queue = queues[number as usize % queues.len()].clone();
        async move {
            let (reply, answer) = oneshot::channel();
            queue.send((number, reply))?;
            Ok(answer.await?)
        }
    })
}

fn queue<B: Batch>(mut connection: B) -> mpsc::UnboundedSender<(u64, oneshot::Sender<()>)> {
    let (sender, mut waiting) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut group: Vec<(u64, oneshot::Sender<()>)> = Vec::new();
        while waiting.recv_many(&mut group, GROUP).await > 0 {
            let (numbers, replies): (Vec<u64>, Vec<_>) = group.drain(..).unzip();
            connection.carry_out(&numbers).await.expect("the server works");
            replies.into_iter().for_each(|reply| reply.send(()).expect("the task is waiting"));
            // Yielding lets callers that have just received a reply join the next batch.
            tokio::task::yield_now().await;
        }
    });
    sender
}
