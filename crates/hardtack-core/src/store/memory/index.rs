use super::slab::NONE;

/// A hash table that stores slot numbers, and compares keys by looking them up in the slab. It needs 8 bytes per cell,
/// and no second copy of any key.
///
/// The table uses open addressing with linear probing. At most five sixths of the cells are occupied, and the table
/// grows by half, so a key costs at most 15 bytes. Removal shifts the following cells back, so probing never encounters
/// deleted cells.
#[derive(Debug)]
pub(super) struct HashIndex {
    cells: Vec<Cell>,
    len: usize,
}

#[derive(Debug, Clone, Copy)]
struct Cell {
    /// The key's hash. It determines where probing starts in a table of any size, and serves as a cheap first
    /// comparison.
    hash: u32,
    slot: u32,
}

const EMPTY: Cell = Cell { hash: 0, slot: NONE };

impl HashIndex {
    pub(super) const fn new() -> Self {
        Self { cells: Vec::new(), len: 0 }
    }

    /// Returns the slot with this hash for which `is_it` returns `true`, if there is one.
    #[inline]
    pub(super) fn find(&self, hash: u32, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        self.position(hash, is_it).map(|at| self.cells[at].slot)
    }

    /// Adds a slot, which must not be in the table yet.
    pub(super) fn insert(&mut self, hash: u32, slot: u32) {
        if (self.len + 1) * 6 > self.cells.len() * 5 {
            self.grow();
        }
        self.put(Cell { hash, slot });
        self.len += 1;
    }

    /// Replaces the slot `old` with another one under the same hash.
    pub(super) fn rename(&mut self, hash: u32, old: u32, new: u32) {
        if let Some(at) = self.position(hash, |slot| slot == old) {
            self.cells[at].slot = new;
        }
    }

    /// Removes a slot.
    pub(super) fn remove(&mut self, hash: u32, slot: u32) {
        let Some(mut hole) = self.position(hash, |other| other == slot) else { return };
        let mut at = hole;
        loop {
            at = self.after(at);
            let cell = self.cells[at];
            if cell.slot == NONE {
                break;
            }
            // A cell may move back at most to the position at which its own probing starts.
            if self.distance(self.home(cell.hash), at) >= self.distance(hole, at) {
                self.cells[hole] = cell;
                hole = at;
            }
        }
        self.cells[hole] = EMPTY;
        self.len -= 1;
    }

    #[inline]
    fn position(&self, hash: u32, is_it: impl Fn(u32) -> bool) -> Option<usize> {
        let mut at = self.home(hash);
        loop {
            // An empty table contains no empty cell, at which the loop would end.
            let cell = *self.cells.get(at)?;
            if cell.slot == NONE {
                return None;
            }
            if cell.hash == hash && is_it(cell.slot) {
                return Some(at);
            }
            at = self.after(at);
        }
    }

    /// Returns the position at which probing for a hash starts: the hash, as a fraction of 2^32, scaled to the size of
    /// the table.
    fn home(&self, hash: u32) -> usize {
        ((u64::from(hash) * self.cells.len() as u64) >> 32) as usize
    }

    fn after(&self, at: usize) -> usize {
        if at + 1 < self.cells.len() { at + 1 } else { 0 }
    }

    fn distance(&self, from: usize, to: usize) -> usize {
        if to >= from { to - from } else { to + self.cells.len() - from }
    }

    fn grow(&mut self) {
        let larger = (self.cells.len() * 3 / 2).max(8);
        let cells = std::mem::replace(&mut self.cells, vec![EMPTY; larger]);
        for cell in cells {
            if cell.slot != NONE {
                self.put(cell);
            }
        }
    }

    fn put(&mut self, cell: Cell) {
        let mut at = self.home(cell.hash);
        while self.cells[at].slot != NONE {
            at = self.after(at);
        }
        self.cells[at] = cell;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn agrees_with_a_map_through_inserts_and_removals() {
        let mut index = HashIndex::new();
        let mut model = HashMap::new();
        let mut state = 1_u32;
        for round in 0..20_000_u32 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let slot = (state >> 16) % 600;
            // A few hashes that map to a few distant cells: long runs, and runs that wrap around the end of the table.
            let hash = (slot % 37).wrapping_mul(0x0fff_fff1);
            if model.remove(&slot).is_some() {
                index.remove(hash, slot);
            } else {
                model.insert(slot, hash);
                index.insert(hash, slot);
            }
            if round % 64 == 0 {
                for slot in 0..600_u32 {
                    let hash = (slot % 37).wrapping_mul(0x0fff_fff1);
                    let found = index.find(hash, |other| other == slot);
                    assert_eq!(found.is_some(), model.contains_key(&slot));
                }
            }
        }
        assert_eq!(index.len, model.len());
    }

    #[test]
    fn renaming_keeps_the_place() {
        let mut index = HashIndex::new();
        index.insert(5, 1);
        index.rename(5, 1, 2);
        assert_eq!(index.find(5, |slot| slot == 2), Some(2));
        assert_eq!(index.find(5, |slot| slot == 1), None);
    }
}
