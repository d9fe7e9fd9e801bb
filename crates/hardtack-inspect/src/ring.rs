use std::collections::VecDeque;
use std::sync::Arc;

use crate::exchange::Exchange;

/// The most recent exchanges, limited in number and in total bytes.
pub(crate) struct Ring {
    kept: VecDeque<(Arc<Exchange>, usize)>,
    capacity: usize,
    bytes: usize,
    most_bytes: usize,
}

impl Ring {
    pub(crate) fn new(capacity: usize, most_bytes: usize) -> Self {
        Self { kept: VecDeque::new(), capacity, bytes: 0, most_bytes }
    }

    pub(crate) fn push(&mut self, exchange: Arc<Exchange>) {
        let weight = exchange.weight();
        self.bytes += weight;
        self.kept.push_back((exchange, weight));
        while self.kept.len() > self.capacity || (self.bytes > self.most_bytes && self.kept.len() > 1) {
            let Some((_, weight)) = self.kept.pop_front() else { break };
            self.bytes -= weight;
        }
    }

    /// Iterates over the exchanges, newest first.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Arc<Exchange>> {
        self.kept.iter().rev().map(|(exchange, _)| exchange)
    }

    pub(crate) fn get(&self, number: u64) -> Option<&Arc<Exchange>> {
        let at = self.kept.binary_search_by_key(&number, |(exchange, _)| exchange.number).ok()?;
        self.kept.get(at).map(|(exchange, _)| exchange)
    }

    /// Iterates over the exchanges after a number, oldest first.
    pub(crate) fn after(&self, number: u64) -> impl Iterator<Item = &Arc<Exchange>> {
        let from = self.kept.partition_point(|(exchange, _)| exchange.number <= number);
        self.kept.range(from..).map(|(exchange, _)| exchange)
    }

    pub(crate) fn len(&self) -> usize {
        self.kept.len()
    }
}
