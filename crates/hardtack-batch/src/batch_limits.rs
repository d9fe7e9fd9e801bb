use std::num::NonZeroUsize;

/// The largest batch that a worker takes.
#[derive(Debug)]
pub struct BatchLimits<T> {
    /// The maximum number of requests.
    pub requests: NonZeroUsize,
    /// The maximum size, if the requests differ in size.
    pub size: Option<SizeLimit<T>>,
}

/// The maximum size of a batch.
#[derive(Debug)]
pub struct SizeLimit<T> {
    /// The number of bytes at which a batch is full.
    pub bytes: usize,
    /// Where the request belongs that exceeds these bytes.
    pub overflow: Overflow,
    /// Returns the approximate size of a request in bytes.
    pub size_of: fn(&T) -> usize,
}

/// Where the request belongs that makes a batch larger than its limit in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overflow {
    /// In this batch, as its last request.
    ThisBatch,
    /// In the next batch. Only a request that exceeds the limit by itself then makes a batch larger.
    NextBatch,
}

impl<T> BatchLimits<T> {
    /// Returns how many of the first requests make one batch. It is at least one, if there are any.
    pub(crate) fn count<'a>(&self, requests: impl ExactSizeIterator<Item = &'a T>) -> usize
    where
        T: 'a,
    {
        let at_most = requests.len().min(self.requests.get());
        match &self.size {
            None => at_most,
            Some(limit) => limit.count(requests.take(at_most)),
        }
    }
}

impl<T> SizeLimit<T> {
    fn count<'a>(&self, requests: impl Iterator<Item = &'a T>) -> usize
    where
        T: 'a,
    {
        let mut bytes = 0_usize;
        let fitting = requests.enumerate().take_while(|(number, request)| {
            let before = bytes;
            bytes = bytes.saturating_add((self.size_of)(request));
            *number == 0
                || match self.overflow {
                    Overflow::ThisBatch => before < self.bytes,
                    Overflow::NextBatch => bytes <= self.bytes,
                }
        });
        fitting.count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the batches that these requests make, each as large as its number.
    fn batches(overflow: Overflow) -> Vec<Vec<usize>> {
        let size = SizeLimit { bytes: 10, overflow, size_of: |request: &usize| *request };
        let limits = BatchLimits { requests: NonZeroUsize::MAX, size: Some(size) };
        let (mut rest, mut batches) = (&[5, 5, 5, 50, 1][..], Vec::new());
        while !rest.is_empty() {
            let (batch, later) = rest.split_at(limits.count(rest.iter()));
            batches.push(batch.to_vec());
            rest = later;
        }
        batches
    }

    #[test]
    fn a_batch_ends_with_the_request_that_makes_it_too_large() {
        assert_eq!(batches(Overflow::ThisBatch), [vec![5, 5], vec![5, 50], vec![1]]);
    }

    #[test]
    fn a_batch_ends_before_the_request_that_would_make_it_too_large() {
        assert_eq!(batches(Overflow::NextBatch), [vec![5, 5], vec![5], vec![50], vec![1]]);
    }

    #[test]
    fn a_batch_has_a_maximum_number_of_requests() {
        let limits = BatchLimits { requests: NonZeroUsize::MIN, size: None };
        assert_eq!((limits.count([7, 8].iter()), limits.count([7; 0].iter())), (1, 0));
    }
}
