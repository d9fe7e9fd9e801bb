use std::collections::VecDeque;
use std::sync::Arc;

use crate::exchanges::Exchange;

/// The most recent exchanges, limited in number and in total bytes.
pub(crate) struct ExchangeBuffer {
    /// Each exchange with its estimated size, oldest first.
    exchanges: VecDeque<(Arc<Exchange>, usize)>,
    capacity: usize,
    bytes: usize,
    max_bytes: usize,
}

impl ExchangeBuffer {
    pub(crate) fn new(capacity: usize, max_bytes: usize) -> Self {
        Self { exchanges: VecDeque::new(), capacity, bytes: 0, max_bytes }
    }

    pub(crate) fn push(&mut self, exchange: Arc<Exchange>) {
        let size = exchange.estimated_bytes();
        self.bytes += size;
        self.exchanges.push_back((exchange, size));
        while self.exchanges.len() > self.capacity
            || (self.bytes > self.max_bytes && self.exchanges.len() > 1)
        {
            let Some((_, size)) = self.exchanges.pop_front() else { break };
            self.bytes -= size;
        }
    }

    /// Iterates over the exchanges, newest first.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Arc<Exchange>> {
        self.exchanges.iter().rev().map(|(exchange, _)| exchange)
    }

    pub(crate) fn get(&self, number: u64) -> Option<&Arc<Exchange>> {
        let at = self.exchanges.binary_search_by_key(&number, |(exchange, _)| exchange.number).ok()?;
        self.exchanges.get(at).map(|(exchange, _)| exchange)
    }

    /// Iterates over the exchanges with a higher number than the given one, oldest first.
    pub(crate) fn after(&self, number: u64) -> impl Iterator<Item = &Arc<Exchange>> {
        let from = self.exchanges.partition_point(|(exchange, _)| exchange.number <= number);
        self.exchanges.range(from..).map(|(exchange, _)| exchange)
    }

    pub(crate) fn len(&self) -> usize {
        self.exchanges.len()
    }
}
