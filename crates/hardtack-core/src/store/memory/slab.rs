use std::ops::{Index, IndexMut};

/// The number of entries in one allocation.
///
/// Entries are allocated in chunks, not in one growing vector, so that growing never moves an entry, never pauses to
/// copy, and never leaves half of the memory unused.
const CHUNK: usize = 32;

/// The number that represents the absence of a slot.
pub(super) const NONE: u32 = u32::MAX;

/// Numbered slots that contain entries. A slot's number stays the same until the slot is freed, and is then reused.
#[derive(Debug)]
pub(super) struct Slab<T> {
    chunks: Vec<Vec<Slot<T>>>,
    first_vacant: u32,
    len: usize,
}

#[derive(Debug)]
enum Slot<T> {
    Taken(T),
    /// The next vacant slot, or `NONE`.
    Vacant(u32),
}

impl<T> Slab<T> {
    pub(super) const fn new() -> Self {
        Self { chunks: Vec::new(), first_vacant: NONE, len: 0 }
    }

    /// Returns the number of occupied slots.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Returns the total number of slots, including vacant ones.
    pub(super) fn slots(&self) -> u32 {
        let full = self.chunks.len().saturating_sub(1) * CHUNK;
        u32::try_from(full + self.chunks.last().map_or(0, Vec::len)).expect("slot numbers fit in 32 bits")
    }

    /// Returns the value in a slot, if there is one.
    pub(super) fn get(&self, number: u32) -> Option<&T> {
        match self.chunks.get(number as usize / CHUNK)?.get(number as usize % CHUNK)? {
            Slot::Taken(value) => Some(value),
            Slot::Vacant(_) => None,
        }
    }

    /// Inserts `value` into a slot, and returns the slot's number.
    pub(super) fn insert(&mut self, value: T) -> u32 {
        self.len += 1;
        if self.first_vacant != NONE {
            let number = self.first_vacant;
            let slot = self.slot_mut(number);
            if let Slot::Vacant(next) = *slot {
                *slot = Slot::Taken(value);
                self.first_vacant = next;
            }
            return number;
        }
        if self.chunks.last().is_none_or(|chunk| chunk.len() == CHUNK) {
            self.chunks.push(Vec::with_capacity(CHUNK));
        }
        let before = (self.chunks.len() - 1) * CHUNK;
        let chunk = self.chunks.last_mut().expect("a chunk with free slots was pushed above");
        chunk.push(Slot::Taken(value));
        u32::try_from(before + chunk.len() - 1).expect("a shard evicts entries long before it has 2^32")
    }

    /// Removes the value from an occupied slot.
    pub(super) fn remove(&mut self, number: u32) -> T {
        let vacant = Slot::Vacant(self.first_vacant);
        match std::mem::replace(self.slot_mut(number), vacant) {
            Slot::Taken(value) => {
                self.first_vacant = number;
                self.len -= 1;
                value
            }
            Slot::Vacant(_) => unreachable!("{VACANT}"),
        }
    }

    fn slot_mut(&mut self, number: u32) -> &mut Slot<T> {
        &mut self.chunks[number as usize / CHUNK][number as usize % CHUNK]
    }
}

/// The invariant: only the indexes of the same shard store slot numbers, and they drop a number under the same lock
/// under which its slot is freed.
const VACANT: &str = "an index refers only to occupied slots";

impl<T> Index<u32> for Slab<T> {
    type Output = T;

    fn index(&self, number: u32) -> &T {
        match &self.chunks[number as usize / CHUNK][number as usize % CHUNK] {
            Slot::Taken(value) => value,
            Slot::Vacant(_) => unreachable!("{VACANT}"),
        }
    }
}

impl<T> IndexMut<u32> for Slab<T> {
    fn index_mut(&mut self, number: u32) -> &mut T {
        match self.slot_mut(number) {
            Slot::Taken(value) => value,
            Slot::Vacant(_) => unreachable!("{VACANT}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn freed_slots_are_given_out_again_before_new_ones() {
        let mut slab = Slab::new();
        assert_eq!(slab.slots(), 0);
        let slots: Vec<u32> = (0..100).map(|n| slab.insert(n)).collect();
        assert_eq!(slots, (0..100).collect::<Vec<u32>>());
        assert_eq!(slab.remove(7), 7);
        assert_eq!(slab.remove(70), 70);
        assert_eq!((slab.len(), slab.slots()), (98, 100));
        assert_eq!((slab.get(7), slab.get(8), slab.get(100)), (None, Some(&8), None));
        assert_eq!(slab.insert(1), 70);
        assert_eq!(slab.insert(2), 7);
        assert_eq!(slab.insert(3), 100);
        assert_eq!((slab[70], slab[7], slab[100]), (1, 2, 3));
    }

    #[test]
    fn vacancy_costs_no_memory() {
        assert_eq!(size_of::<Slot<Box<u64>>>(), 16);
        assert_eq!(size_of::<Slot<(Box<u64>, u64)>>(), 16);
    }
}
