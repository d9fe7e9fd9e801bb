use crate::answer::Reply;

/// A waiting request, and the channel for its answer.
#[derive(Debug)]
pub struct Pending<Q, R> {
    /// The request.
    pub request: Q,
    /// The channel for its answer.
    pub reply: Reply<R>,
}

impl<Q, R> Pending<Q, R> {
    /// Separates the requests of a batch, which is empty then, from the channels for their answers.
    pub fn split(batch: &mut Vec<Self>) -> (Vec<Q>, Vec<Reply<R>>) {
        batch.drain(..).map(|pending| (pending.request, pending.reply)).unzip()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::Answer;

    #[test]
    fn a_batch_is_separated_in_order() {
        let pending = |request| Pending::<u8, u8> { request, reply: Answer::channel().0 };
        let mut batch = vec![pending(1), pending(2)];
        let (requests, replies) = Pending::split(&mut batch);
        assert_eq!((requests, replies.len(), batch.len()), (vec![1, 2], 2, 0));
    }
}
