use crate::store::{Cursor, StoreError};

/// The position where a page begins: a shard, and a slot in it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) shard: u8,
    pub(super) slot: u32,
}

impl Spot {
    /// Parses a cursor from [`cursor`](Self::cursor). Without a cursor, returns the beginning.
    pub(super) fn after(cursor: Option<&Cursor>) -> Result<Self, StoreError> {
        let Some(cursor) = cursor else { return Ok(Self::default()) };
        let [shard, slot @ ..] = <[u8; 5]>::try_from(cursor.as_bytes()).map_err(|_| cursor.strange())?;
        Ok(Self { shard, slot: u32::from_be_bytes(slot) })
    }

    pub(super) fn cursor(self) -> Cursor {
        let mut bytes = [self.shard; 5];
        bytes[1..].copy_from_slice(&self.slot.to_be_bytes());
        Cursor::from_bytes(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spot_comes_back_from_its_cursor() {
        let spot = Spot { shard: 63, slot: 0x0102_0304 };
        assert_eq!(Spot::after(Some(&spot.cursor())).unwrap(), spot);
        assert_eq!(Spot::after(None).unwrap(), Spot { shard: 0, slot: 0 });
        assert!(Spot::after(Some(&Cursor::from_bytes([7; 32]))).is_err());
    }
}
